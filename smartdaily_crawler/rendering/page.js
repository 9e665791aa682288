// Runs in every rendered page before its own scripts, and tells when its content is there. ECMAScript 5: Splash's engine is of 2016.
(function () {
  if (window.__page) { return; }
  var TITLE = 6, TITLES = 3, PROSE = 40;     // characters of a title; titles of a list; characters of running text
  var QUIET = 60, SETTLED = 3000, BARREN = 2000;  // ms without a change: of a page that waits for nothing, that does, that shows nothing
  var UNANSWERED = 400;                      // ms without a change after which a list that was asked for more has no more
  var SHORT_TIMER = 5000, CHAIN = 2;         // ms of a timer that may bring content; timers that start timers are clocks and carousels
  var pending = 0, timers = {}, depth = 0, changed = now();

  function now() { return new Date().getTime(); }

  // --- what the page still waits for

  var send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function () {
    pending += 1;
    this.addEventListener('loadend', function () { pending -= 1; });
    return send.apply(this, arguments);
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

  var later = window.setTimeout, clear = window.clearTimeout;
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

  // --- what it shows

  function text(node) { return (node.textContent || '').replace(/\s+/g, ''); }

  function titles(selector) {
    if (selector) { return document.querySelectorAll(selector).length; }
    var count = 0;
    Array.prototype.forEach.call(document.links, function (link) {
      if (text(link).length >= TITLE) { count += 1; }
    });
    return count;
  }

  function prose() {
    var length = 0, walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, null, false), node;
    while ((node = walker.nextNode())) {
      var parent = node.parentNode, said = text(node);
      if (said.length >= 8 && !/^(A|SCRIPT|STYLE|NOSCRIPT|TEXTAREA|BUTTON|OPTION)$/.test(parent.nodeName) && /[，。；！？,.;!?]/.test(said)) {
        length += said.length;
      }
    }
    return length;
  }

  function shows(kind, selector) {
    if (selector) { return document.querySelector(selector) !== null; }
    return kind === 'article' || kind === 'part' ? prose() >= PROSE : titles() >= TITLES;
  }

  function waits() {
    if (pending > 0) { return true; }
    for (var id in timers) { return true; }
    return false;
  }

  window.__page = {
    // 'ready': what is expected is there; 'barren': nothing more will come; 'waiting'.
    state: function (kind, selector) {
      if (document.readyState === 'loading' || !document.body) { return 'waiting'; }
      var quiet = now() - changed, busy = waits();
      if (shows(kind, selector)) {
        return (quiet >= QUIET && (selector || !busy)) || quiet >= SETTLED ? 'ready' : 'waiting';
      }
      return !busy && quiet >= BARREN ? 'barren' : 'waiting';
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
          more[i].click();
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
