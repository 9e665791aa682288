// Runs in every rendered page before its own scripts, and tells when its content is there. ECMAScript 5: Splash's engine is of 2016.
(function () {
  if (window.__page) { return; }
  var TITLE = 6, TITLES = 3, PROSE = 40;     // characters of a title; titles of a list; characters of running text
  var QUIET = 60, SETTLED = 3000, BARREN = 2000;  // ms without a change: of a page that waits for nothing, that does, that shows nothing
  var UNANSWERED = 400;                      // ms without a change after which a list that was asked for more has no more
  var SHORT_TIMER = 5000, CHAIN = 2;         // ms of a timer that may bring content; timers that start timers are clocks and carousels
  // The page's scripts may put others in their place.
  var later = window.setTimeout, clear = window.clearTimeout, Clock = window.Date, decode = window.decodeURI;
  var pending = 0, timers = {}, depth = 0, changed = now(), began = location.href, leaving = -Infinity;

  function now() { return new Clock().getTime(); }

  // --- what the page may not do: by these it would pass by what stands between it and the network

  function Mute() { /* says nothing, hears nothing */ }
  ['send', 'close', 'postMessage', 'terminate', 'addEventListener', 'removeEventListener'].forEach(function (name) {
    Mute.prototype[name] = function () {};
  });
  ['WebSocket', 'Worker', 'SharedWorker', 'RTCPeerConnection', 'webkitRTCPeerConnection', 'WebTransport'].forEach(function (name) {
    if (name in window) { window[name] = Mute; }
  });
  window.open = function () { return null; };
  if (window.top === window) { window.name = ''; }  // of the page before, in the same tab

  // --- what the page still waits for

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
      // The body comes after the answer's head; what reads it has 100 ms until the page counts as quiet.
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

  // Before the next page is asked for. A download says so too, and then the page stays.
  window.addEventListener('beforeunload', function () { leaving = now(); });

  // --- what it shows

  function text(node) { return (node.textContent || '').replace(/\s+/g, ''); }

  function titles(selector) {
    if (selector) { return document.querySelectorAll(selector).length; }
    var count = 0, links = document.links;
    for (var i = 0; i < links.length; i += 1) {
      if (text(links[i]).length >= TITLE) { count += 1; }
    }
    return count;
  }

  // Whether there is as much running text as PROSE; the rest of a long page is not counted.
  function hasProse() {
    var length = 0, walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, null, false), node;
    while (length < PROSE && (node = walker.nextNode())) {
      var parent = node.parentNode, said = text(node);
      if (said.length >= 8 && !/^(A|SCRIPT|STYLE|NOSCRIPT|TEXTAREA|BUTTON|OPTION)$/.test(parent.nodeName) && /[，。；！？,.;!?]/.test(said)) {
        length += said.length;
      }
    }
    return length >= PROSE;
  }

  function shows(kind, selector) {
    if (selector) { return document.querySelector(selector) !== null; }
    return kind === 'article' || kind === 'part' ? hasProse() : titles() >= TITLES;
  }

  // What tells one page from another, however a browser spells it.
  function place(url) {
    try { url = decode(url); } catch (ignored) { /* a page in GBK, say */ }
    return url.replace(/^https?:\/\/[^\/?#]*/, '').replace(/#.*/, '');
  }

  // A button that asks for more is pressed, a link that says so not followed.
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
    // Of this document, whatever a script calls it since.
    began: began,
    // 'ready': what is expected is there; 'barren': nothing more will come; 'left': this is another page than the one at url; 'waiting'.
    state: function (kind, selector, url) {
      if (place(url) !== place(began)) { return 'left'; }
      if (document.readyState === 'loading' || !document.body || now() - leaving < SETTLED) { return 'waiting'; }
      var quiet = now() - changed, busy = waits();
      if (shows(kind, selector)) {
        return (quiet >= QUIET && (selector || !busy)) || quiet >= SETTLED ? 'ready' : 'waiting';
      }
      return !busy && quiet >= BARREN ? 'barren' : 'waiting';
    },
    // Do nothing any more: the tab that this page stands in is the next page's.
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
    // How much a list shows.
    size: function (selector) { return titles(selector); },
    // Ask an endless list for more, as a reader does.
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
    // Of a list that was asked for more: 'more' is there, 'end': nothing came; 'waiting'.
    growth: function (size, selector) {
      var still = !waits(), quiet = now() - changed;
      if (titles(selector) > size) { return still && quiet >= QUIET ? 'more' : 'waiting'; }
      return still && quiet >= UNANSWERED ? 'end' : 'waiting';
    }
  };
}());
