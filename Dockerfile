# Two images: the crawler, for compose, Kubernetes or a cron of the host; and a scrapyd with the crawler's requirements but without the
# crawler, which `make deploy` adds. See docs/scrapyd.md.
FROM python:3.13-slim AS base

# PYTHONUNBUFFERED, so that the container's log is not delayed.
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN useradd --uid 10001 --create-home crawler

FROM base AS crawler

WORKDIR /app
COPY requirements.txt requirements-metrics.txt requirements-images.txt requirements-discover.txt requirements-archive.txt requirements-fleet.txt ./
# The extras are for JSON_LOGS, IMAGES_STORE, `discover` and ARCHIVE. A volume that is mounted at /data gets the folder's owner; the spool is
# in it.
RUN pip install --require-hashes -r requirements.txt -r requirements-metrics.txt -r requirements-images.txt -r requirements-discover.txt \
    -r requirements-archive.txt -r requirements-fleet.txt \
    && install --directory --owner=crawler --group=crawler --mode=700 /data
COPY scrapy.cfg ./
COPY smartdaily_crawler smartdaily_crawler
COPY pipelines pipelines
ENV DATA_DIR=/data

USER 10001
# `docker stop` signals process 1, which is Scrapy: it stops cleanly.
ENTRYPOINT ["scrapy"]
CMD ["crawl", "smartdaily", "-a", "wait=600"]

FROM base AS scrapyd

WORKDIR /srv/scrapyd
COPY requirements-scrapyd.txt ./
RUN pip install --require-hashes -r requirements-scrapyd.txt \
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

USER 10001
EXPOSE 6800
# `docker stop` signals process 1 only. The shell signals the jobs too, and waits until they have ended, also after scrapyd.
CMD ["sh", "-c", "trap 'trap \"\" TERM; kill -TERM 0' TERM; scrapyd --pidfile= & wait; while kill -0 -1 2>/dev/null; do sleep 1; done"]
