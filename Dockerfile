# A scrapyd with the crawler's requirements, without the crawler, which `make deploy` adds.
FROM python:3.13-slim

# PYTHONUNBUFFERED, so that the container's log is not delayed.
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

COPY requirements-scrapyd.txt .
RUN pip install --require-hashes -r requirements-scrapyd.txt

RUN useradd --uid 10001 --create-home crawler \
    && install --directory --owner=crawler --group=crawler --mode=700 /srv/scrapyd /etc/scrapyd
# Name and password are SCRAPYD_USERNAME and SCRAPYD_PASSWORD of the environment.
COPY --chown=crawler <<'END' /etc/scrapyd/scrapyd.conf
[scrapyd]
bind_address = 0.0.0.0
jobstorage = scrapyd.jobstorage.SqliteJobStorage
finished_to_keep = 1000
jobs_to_keep = 50
max_proc = 2
END

USER crawler
WORKDIR /srv/scrapyd
EXPOSE 6800
# `docker stop` signals process 1 only. The shell signals the jobs too, and waits until they have ended, also after scrapyd.
CMD ["sh", "-c", "trap 'trap \"\" TERM; kill -TERM 0' TERM; scrapyd --pidfile= & wait; while kill -0 -1 2>/dev/null; do sleep 1; done"]
