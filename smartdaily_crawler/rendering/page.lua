-- Return a page once its content is there. Arguments are those of splash_page.py; times are in seconds.

-- Splash has no match and gsub, as a pattern could run for long.
local find, sub = string.find, string.sub

-- Return whether a URL is in Splash's private network; judged by its spelling, as names cannot be resolved here.
local function is_inside(url, own)
    local _, _, scheme, authority = find(url, '^(%a[%w+.-]*)://([^/?#]*)')
    if not scheme then return not (find(url, '^data:') or find(url, '^blob:') or find(url, '^about:')) end
    if scheme ~= 'http' and scheme ~= 'https' then return true end
    local _, at = find(authority, '^.*@')
    authority = string.lower(sub(authority, (at or 0) + 1))
    if authority == own then return false end
    local _, _, host = find(authority, '^([^:%[%]%%]+):?%d*$')
    if not host then return true end
    if sub(host, -1) == '.' then host = sub(host, 1, -2) end
    return not find(host, '%.') or find(host, '^[%d.]+$') or find(host, '^0x') or find(host, '%.0x')
        or find(host, '%.local$') or find(host, '%.localhost$') or find(host, '%.internal$') or find(host, '%.localdomain$')
end

-- Return the host that a URL names in lower case, nil for data and the like. is_inside has refused what has no plain host.
local function host_of(url)
    local _, _, authority = find(url, '^%a[%w+.-]*://([^/?#]*)')
    if not authority then return nil end
    local _, at = find(authority, '^.*@')
    local _, _, host = find(string.lower(sub(authority, (at or 0) + 1)), '^([^:]+)')
    return host
end

-- Return whether a URL names a font, a video or a sound, which the text does not need.
local function is_skipped(url)
    local _, _, kind = find(string.lower(url), '%.(%w+)$')
    if not kind then _, _, kind = find(string.lower(url), '%.(%w+)[?#]') end
    return kind and find(' woff woff2 ttf otf eot mp4 webm mp3 ', ' ' .. kind .. ' ', 1, true)
end

-- Return whether a browser displays the response as a page.
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
    -- Names cannot be resolved here. Those that the crawler has not resolved yet are returned to it.
    local public, unresolved = {}, ''
    for _, host in ipairs(args.public) do public[host] = true end
    splash:on_request(function(request)
        -- An error in this function would let the request pass.
        local ok, inside = pcall(is_inside, request.url, args.own)
        if ended or not ok or inside then
            refused = request.url
            request.abort()
        elseif is_skipped(request.url) then
            request.abort()
        else
            local host = host_of(request.url)
            if host and not public[host] then
                if not find(unresolved, ' ' .. host .. ' ', 1, true) then unresolved = unresolved .. ' ' .. host .. ' ' end
                request.abort()
            end
        end
    end)
    splash:on_response_headers(function(response)
        local status, location = response.status, response.headers['Location']
        own = own or response.url
        if response.url ~= own then return end
        times = times + 1
        if times > 1 then
            -- A page may load itself again, for example with a cookie that it set, but not for ever.
            if times > args.visits then splash:lock_navigation() end
        elseif location and status >= 300 and status < 400 then
            -- Redirects are returned, not followed: the crawler checks robots.txt and the offsite rule.
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
    -- A frame that is refused, or fails, is not a failure of the document.
    local is_there = ok or (answer.status == 200 and (find(reason, '^network') or find(reason, '^http')))
    if not is_there then return {error = reason} end

    local ask = function(name, ...)
        return splash:jsfunc('function () { return window.__page.' .. name .. '.apply(null, arguments); }')(...)
    end
    local poll = function(...)
        local waited, state = 0, ask(...)
        while state == 'waiting' and waited < args.content do
            splash:wait(0.05)
            waited = waited + 0.05
            state = ask(...)
        end
        return state
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
    -- The page navigated to a URL that was refused, and was unloaded.
    if splash:url() == '' then return {http_status = 302, location = refused} end
    return {html = html_of(splash), url = splash:evaljs('window.__page.began'), http_status = answer.status, headers = answer.headers,
            state = state, growth = growth, unresolved = unresolved}
end
