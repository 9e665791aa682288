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

-- Whether it is something that nobody looks at here: a font, a film, a sound.
local function is_unseen(url)
    local _, _, kind = find(string.lower(url), '%.(%w+)$')
    if not kind then _, _, kind = find(string.lower(url), '%.(%w+)[?#]') end
    return kind and find(' woff woff2 ttf otf eot mp4 webm mp3 ', ' ' .. kind .. ' ', 1, true)
end

-- Whether a browser shows what is answered as a page.
local function is_shown(response, kinds)
    if response.status >= 400 or response.status == 204 or response.status == 205 then return false end
    if find(string.lower(response.headers['Content-Disposition'] or ''), '^%s*attachment') then return false end
    local kind = string.lower(response.headers['Content-Type'] or '')
    for _, shown in ipairs(kinds) do
        if kind == '' or find(kind, shown, 1, true) then return true end
    end
    return false
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
    splash:autoload(args.script)
    local ended, refused, own, times = nil, nil, nil, 0
    splash:on_request(function(request)
        -- An error in here would let the request pass.
        local ok, inside = pcall(is_inside, request.url, args.own)
        if ended or not ok or inside then
            refused = request.url
            request.abort()
        elseif is_unseen(request.url) then
            request.abort()
        end
    end)
    splash:on_response_headers(function(response)
        local status, location = response.status, response.headers['Location']
        own = own or response.url
        if response.url ~= own then return end
        times = times + 1
        if times > 1 then
            -- A page may ask for itself once more, with a cookie that it set; one that does so for ever is held.
            if times > args.visits then splash:lock_navigation() end
        elseif location and status >= 300 and status < 400 then
            -- A redirect is told, not followed: the crawler asks robots.txt, and keeps to its site.
            ended = {http_status = status, location = location}
        elseif not is_shown(response, args.shown) then
            ended = {http_status = status, headers = response.info.headers, is_unshown = true}
            response.abort()
        end
    end)
    local in_time, ok, reason = splash:with_timeout(function()
        return splash:go{args.url, headers = args.headers}
    end, args.loading)
    if ended then return ended end
    if not in_time then return {error = 'timeout'} end
    local answers = splash:history()
    local answer = #answers > 0 and answers[#answers].response or {}
    -- A frame in the page that is refused, or fails, is no fault of the page's document.
    local is_there = ok or (answer.status == 200 and (find(reason, '^network') or find(reason, '^http')))
    if not is_there then return {error = reason} end

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
    local state = poll('state', args.kind, args.selector, own)
    local scrolled, growth, began = 0, nil, splash:get_perf_stats().walltime
    while state == 'ready' and scrolled < args.scrolls and splash:get_perf_stats().walltime - began < args.scrolling do
        local size = ask('size', args.selector)
        ask('advance')
        growth = poll('growth', size, args.selector)
        if growth ~= 'more' then break end
        scrolled = scrolled + 1
    end
    -- The page went where it may not go, and is gone.
    if splash:url() == '' then return {http_status = 302, location = refused} end
    return {html = html_of(splash), url = splash:evaljs('window.__page.began'), http_status = answer.status, headers = answer.headers,
            state = state, growth = growth}
end
