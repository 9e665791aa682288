// Runs in every rendered page before its own scripts, and detects when its content is there. ECMAScript 5: Splash's engine is of 2016.
(function () {
  if (window.__page) { return; }
  var TITLE = 6, TITLES = 3, PROSE = 40;     // characters of a title; titles of a list; characters of running text
  var QUIET = 60, SETTLED = 3000, BARREN = 2000;  // ms without a change: with nothing pending; with something pending; without content
  var UNANSWERED = 400;                      // ms without a change after which a scrolled list has no more entries
  var SHORT_TIMER = 5000, CHAIN = 2;         // ms of a timer that may load content; longer chains of timers are clocks and carousels
  // The page's scripts may replace these functions.
  var later = window.setTimeout, clear = window.clearTimeout, Clock = window.Date, decode = window.decodeURI;
  var pending = 0, timers = {}, depth = 0, changed = now(), began = location.href, leaving = -Infinity;

  function now() { return new Clock().getTime(); }

  // --- disabled functions: their connections would bypass the request filter of the renderer

  function Mute() { /* sends and receives nothing */ }
  ['send', 'close', 'postMessage', 'terminate', 'addEventListener', 'removeEventListener'].forEach(function (name) {
    Mute.prototype[name] = function () {};
  });
  ['WebSocket', 'Worker', 'SharedWorker', 'RTCPeerConnection', 'webkitRTCPeerConnection', 'WebTransport'].forEach(function (name) {
    if (name in window) { window[name] = Mute; }
  });
  window.open = function () { return null; };
  if (window.top === window) { window.name = ''; }  // set by the previous page in the same tab

  // --- requests and timers that are pending

  var send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function () {
    var request = this;
    function done() { request.removeEventListener('loadend', done); pending -= 1; }
    request.addEventListener('loadend', done);
    pending += 1;
    try { return send.apply(request, arguments); } catch (error) { done(); throw error; }
  };

  if (window.fetch) {
    var fetch = window.fetch;
    window.fetch = function () {
      pending += 1;
      function done() { pending -= 1; }
      var answer = fetch.apply(this, arguments);
      // The body comes after the head of the response; the script that reads it has 100 ms.
      answer.then(function () { later.call(window, done, 100); }, done);
      return answer;
    };
  }

  window.setTimeout = function (what, delay) {
    var rest = Array.prototype.slice.call(arguments, 2), level = depth + 1, id;
    if (typeof what !== 'function') { return later.apply(window, arguments); }
    id = later.call(window, function () {
      delete timers[id];
      depth = level;
      try { what.apply(window, rest); } finally { depth = 0; }
    }, delay);
    if ((delay || 0) <= SHORT_TIMER && level <= CHAIN) { timers[id] = true; }
    return id;
  };
  window.clearTimeout = function (id) { delete timers[id]; return clear.call(window, id); };

  new MutationObserver(function () { changed = now(); })
    .observe(document, {childList: true, subtree: true, characterData: true});

  // Fires before the next page is requested; before a download too, after which the page stays.
  window.addEventListener('beforeunload', function () { leaving = now(); });

  // --- content of the page

  function text(node) { return (node.textContent || '').replace(/\s+/g, ''); }

  function titles(selector) {
    if (selector) { return document.querySelectorAll(selector).length; }
    var count = 0, links = document.links;
    for (var i = 0; i < links.length; i += 1) {
      if (text(links[i]).length >= TITLE) { count += 1; }
    }
    return count;
  }

  // Return whether the page has PROSE characters of running text; the rest of a long page is not counted.
  function hasProse() {
    var length = 0, walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, null, false), node;
    while (length < PROSE && (node = walker.nextNode())) {
      var parent = node.parentNode, words = text(node);
      if (words.length >= 8 && !/^(A|SCRIPT|STYLE|NOSCRIPT|TEXTAREA|BUTTON|OPTION)$/.test(parent.nodeName) && /[，。；！？,.;!?]/.test(words)) {
        length += words.length;
      }
    }
    return length >= PROSE;
  }

  function shows(kind, selector) {
    if (selector) { return document.querySelector(selector) !== null; }
    return kind === 'article' || kind === 'part' ? hasProse() : titles() >= TITLES;
  }

  // Path and query of a URL, decoded, so that spellings of one page are equal.
  function pathOf(url) {
    try { url = decode(url); } catch (ignored) { /* escapes in GBK, for example */ }
    return url.replace(/^https?:\/\/[^\/?#]*/, '').replace(/#.*/, '');
  }

  // Let a button load more, but do not follow a link.
  function stay(event) {
    var link = event.target.closest ? event.target.closest('a') : event.target;
    if (!/^javascript:/i.test(link && link.getAttribute('href') || '')) { event.preventDefault(); }
  }

  function waits() {
    if (pending > 0) { return true; }
    for (var id in timers) { return true; }
    return false;
  }

  window.__page = {
    // URL the document was loaded from, even if a script has changed it since.
    began: began,
    // Return 'ready': the content is there; 'barren': nothing more will load; 'left': this is not the page at url; or 'waiting'.
    state: function (kind, selector, url) {
      if (pathOf(url) !== pathOf(began)) { return 'left'; }
      if (document.readyState === 'loading' || !document.body || now() - leaving < SETTLED) { return 'waiting'; }
      var quiet = now() - changed, busy = waits();
      if (shows(kind, selector)) {
        return (quiet >= QUIET && (selector || !busy)) || quiet >= SETTLED ? 'ready' : 'waiting';
      }
      return !busy && quiet >= BARREN ? 'barren' : 'waiting';
    },
    // Stop all timers and requests: the next page is loaded in the same tab.
    halt: function () {
      function idle() { return 0; }
      window.stop();
      for (var id = later.call(window, idle, 0); id > 0; id -= 1) {
        clear.call(window, id);
        window.clearInterval(id);
      }
      window.setTimeout = window.setInterval = window.requestAnimationFrame = window.fetch = idle;
      XMLHttpRequest.prototype.send = idle;
    },
    // Return the number of entries of a list.
    size: function (selector) { return titles(selector); },
    // Make an endless list load more: scroll to its end, and press its button.
    advance: function () {
      changed = now();
      window.scrollTo(0, document.documentElement.scrollHeight);
      var event = document.createEvent('Event');
      event.initEvent('scroll', true, false);
      window.dispatchEvent(event);
      var more = document.querySelectorAll('a, button, div, span');
      for (var i = more.length - 1; i >= 0; i -= 1) {
        if (/^(点击)?(加载|查看|显示|浏览)?更多(内容|文章|新闻|资讯)?[>»…]*$|^load more$/i.test(text(more[i])) && !/^(https?:)?\//.test(more[i].getAttribute('href') || '')) {
          window.addEventListener('click', stay);
          more[i].click();
          window.removeEventListener('click', stay);
          break;
        }
      }
    },
    // Return 'more': the scrolled list has more entries than size; 'end': it has no more; or 'waiting'.
    growth: function (size, selector) {
      var still = !waits(), quiet = now() - changed;
      if (titles(selector) > size) { return still && quiet >= QUIET ? 'more' : 'waiting'; }
      return still && quiet >= UNANSWERED ? 'end' : 'waiting';
    }
  };
}());
