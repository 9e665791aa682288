-- A page as Splash shows it once its content is there; what splash_page.py gives as arguments, seconds where they are times.

-- Splash leaves out match and gsub: a pattern could run for long.
local find, sub = string.find, string.sub

-- Whether an address is inside the network that Splash stands in: by its spelling, for where a name leads is not shown here.
local function is_inside(url, own)
    local _, _, scheme, place = find(url, '^(%a[%w+.-]*)://([^/?#]*)')
    if not scheme then return not (find(url, '^data:') or find(url, '^blob:') or find(url, '^about:')) end
    if scheme ~= 'http' and scheme ~= 'https' then return true end
    local _, at = find(place, '^.*@')
    place = string.lower(sub(place, (at or 0) + 1))
    if place == own then return false end
    local _, _, host = find(place, '^([^:%[%]%%]+):?%d*$')
    if not host then return true end
    if sub(host, -1) == '.' then host = sub(host, 1, -2) end
    return not find(host, '%.') or find(host, '^[%d.]+$') or find(host, '^0x') or find(host, '%.0x')
        or find(host, '%.local$') or find(host, '%.localhost$') or find(host, '%.internal$') or find(host, '%.localdomain$')
end

local function html_of(splash)
    local ok, html = pcall(splash.html, splash)
    if ok then return html end
    -- Half a surrogate pair cannot be encoded.
    return splash:evaljs([[document.documentElement.outerHTML.replace(
        /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|([^\uD800-\uDBFF]|^)[\uDC00-\uDFFF]/g, '$1\uFFFD')]])
end

function main(splash, args)
    splash.images_enabled = false
    splash.plugins_enabled = false
    splash.resource_timeout = args.resource_timeout
    -- These pass by on_request; workers would open sockets of their own.
    splash:autoload('window.WebSocket = window.Worker = window.SharedWorker = undefined;')
    splash:autoload(args.script)
    local moved, is_first = nil, true
    splash:on_request(function(request)
        -- An error in here would let the request pass.
        local ok, inside = pcall(is_inside, request.url, args.own)
        if moved or not ok or inside then request.abort() end
    end)
    splash:on_response_headers(function(response)
        local location = response.headers['Location']
        -- A redirect is told, not followed: the crawler asks robots.txt, and keeps to its site.
        if is_first and location and response.status >= 300 and response.status < 400 then
            moved = {http_status = response.status, location = location}
        end
        is_first = false
    end)
    local in_time, ok, reason = splash:with_timeout(function()
        return splash:go{args.url, headers = args.headers}
    end, args.loading)
    if moved then return moved end
    if not in_time then return {error = 'timeout'} end
    local answers = splash:history()
    local answer = #answers > 0 and answers[#answers].response or {}
    -- A frame in the page that is refused, or fails, is no fault of the page's document.
    local is_there = ok or (answer.status == 200 and find(reason, '^network'))
    if not is_there then return {error = reason, http_status = answer.status, headers = answer.headers} end

    local ask = function(name, ...)
        return splash:jsfunc('function () { return window.__page.' .. name .. '.apply(null, arguments); }')(...)
    end
    local poll = function(...)
        local waited, said = 0, ask(...)
        while said == 'waiting' and waited < args.patience do
            splash:wait(0.05)
            waited = waited + 0.05
            said = ask(...)
        end
        return said
    end
    local state = poll('state', args.kind, args.selector)
    local scrolled, growth, began = 0, nil, splash:get_perf_stats().walltime
    while state == 'ready' and scrolled < args.scrolls and splash:get_perf_stats().walltime - began < args.scrolling do
        local size = ask('size', args.selector)
        ask('advance')
        growth = poll('growth', size, args.selector)
        if growth ~= 'more' then break end
        scrolled = scrolled + 1
    end
    -- The page went where it may not go, and is gone.
    if splash:url() == '' then return {error = 'left'} end
    return {html = html_of(splash), url = splash:url(), http_status = answer.status, headers = answer.headers,
            state = state, growth = growth}
end
