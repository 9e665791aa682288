-- Return a page once its content is there. Arguments are those of splash_page.py; times are in seconds.

-- Splash has no match and gsub, as a pattern could run for long.
local find, sub, insert, concat = string.find, string.sub, table.insert, table.concat

-- Header of requests for pages and frames.
local NAVIGATES = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

-- Return the origin of a URL and what follows, without a fragment; nil for what is not fetched from the web.
local function parts_of(url)
    local _, last = find(url, '^https?://[^/?#]*')
    local _, ending = find(url, '^[^#]*')
    if last then return sub(url, 1, last), sub(url, last + 1, ending) end
end

-- Return host and port of an origin.
local function host_of(origin)
    local _, last = find(origin, '://', 1, true)
    return sub(origin, last + 1)
end

-- The forms of a character in UTF-8.
local CHARACTERS = {
    '^[^\128-\255]', '^[\194-\223][\128-\191]',
    '^\224[\160-\191][\128-\191]', '^[\225-\236\238\239][\128-\191][\128-\191]', '^\237[\128-\159][\128-\191]',
    '^\240[\144-\191][\128-\191][\128-\191]', '^[\241-\243][\128-\191][\128-\191][\128-\191]',
    '^\244[\128-\143][\128-\191][\128-\191]',
}
local INVALID = '%EF%BF%BD'

-- Return the character at a place, and where it ends; nil for what is not UTF-8.
local function character(text, place)
    for _, form in ipairs(CHARACTERS) do
        local _, last = find(text, form, place)
        if last then return {string.byte(text, place, last)}, last end
    end
    return nil, place
end

-- Return a path in which each escape but those of / and % is decoded.
local function decoded(path)
    local found, place = {}, 1
    while true do
        local first, last, hex = find(path, '%%(%x%x)', place)
        insert(found, sub(path, place, (first or 0) - 1))
        if not first then return concat(found) end
        local byte = tonumber(hex, 16)
        insert(found, (byte == 37 or byte == 47) and string.format('%%%02X', byte) or string.char(byte))
        place = last + 1
    end
end

-- Return a path as robots.py spells patterns: each character escaped in one way, and what is not UTF-8 as one U+FFFD.
local function quoted(path)
    if sub(path, 1, 1) ~= '/' then path = '/' .. path end
    local text, found, place = decoded(path), {}, 1
    while place <= #text do
        local _, last = find(text, '^[A-Za-z0-9_.~/=%%-]+', place)
        local spelt = last and sub(text, place, last)
        if not spelt then
            local bytes
            bytes, last = character(text, place)
            for i, byte in ipairs(bytes or {}) do bytes[i] = string.format('%%%02X', byte) end
            spelt = bytes and concat(bytes) or INVALID
        end
        if spelt ~= INVALID or found[#found] ~= INVALID then insert(found, spelt) end
        place = last + 1
    end
    return concat(found)
end

-- Return whether a pattern of robots.txt matches; parts are what is between its wildcards.
local function matches(path, parts, is_whole)
    local place = 1
    for i, part in ipairs(parts) do
        local first, last = find(path, part, place, true)
        if part == '' then first, last = place, place - 1 end
        if i == #parts and is_whole then
            first = #path - #part + 1
            if first < place or sub(path, first) ~= part then return false end
            last = #path
        end
        if not first or (i == 1 and first ~= 1) then return false end
        place = last + 1
    end
    return true
end

-- Return whether robots.txt forbids a path. The first rule that matches decides.
local function is_forbidden(path, rules)
    if #rules == 0 then return false end
    path = quoted(path)
    for _, rule in ipairs(rules) do
        if matches(path, rule[1], rule[2]) then return not rule[3] end
    end
    return false
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

-- Return what is shown at a URL, or why nothing is. Count what the page requests from its own host beside itself: count.requests;
-- count.refusals, the Retry-After, or false, of answers by status 429 or 503; count.forbidden, what is not requested by robots.txt; and
-- count.began, when the document was answered.
local function visit(splash, args, count)
    splash.images_enabled = false
    splash.plugins_enabled = false
    splash.resource_timeout = args.resource_timeout
    splash:autoload(args.script)
    local ended, refused, own, times = nil, nil, nil, 0
    local page, site = nil, nil
    -- Return whether a request may be sent. Where it leads is for the proxy.
    local function passes(request)
        local url = request.url
        local origin, path = parts_of(url)
        if ended then return false end
        if not origin then return find(url, '^data:') or find(url, '^blob:') or find(url, '^about:') end
        if not page then
            page, site = origin .. path, origin
            return true
        end
        if request.headers['Accept'] == NAVIGATES then
            -- A page that a script navigates to is for the crawler to fetch; nothing of a frame would be returned.
            if origin .. path == page then
                count.requests = count.requests + 1
                return true
            end
            refused = url
            return false
        end
        if is_skipped(url) then return false end
        if origin == site and is_forbidden(path, args.rules) then
            count.forbidden = count.forbidden + 1
            return false
        end
        if host_of(origin) == host_of(site) then count.requests = count.requests + 1 end
        return true
    end
    splash:on_request(function(request)
        -- An error in this function would let the request pass.
        local ok, is_sent = pcall(passes, request)
        if not (ok and is_sent) then request.abort() end
    end)
    splash:on_response_headers(function(response)
        local status, location = response.status, response.headers['Location']
        own = own or response.url
        if response.url ~= own then
            local origin = parts_of(response.url)
            if (status == 429 or status == 503) and origin and host_of(origin) == host_of(site) then
                count.refusals[status] = response.headers['Retry-After'] or false
            end
            return
        end
        times = times + 1
        count.began = count.began or splash:get_perf_stats().walltime
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
    -- The page navigated to a URL that was refused, and was unloaded; or without a request, to about:blank for example.
    if splash:url() == '' then return {http_status = 302, location = refused} end
    if state == 'left' then return {http_status = 302, location = splash:url()} end
    return {html = html_of(splash), url = splash:evaljs('window.__page.began'), http_status = answer.status, headers = answer.headers,
            state = state, growth = growth}
end

function main(splash, args)
    local count = {forbidden = 0, requests = 0, refusals = {}}
    local answer = visit(splash, args, count)
    answer.forbidden, answer.requests, answer.refusals = count.forbidden, count.requests, count.refusals
    answer.seconds = count.began and splash:get_perf_stats().walltime - count.began
    return answer
end
