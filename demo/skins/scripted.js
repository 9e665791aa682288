/* Fills a page's containers from the addresses in their data-src. ES5 without newer DOM, for Splash's QtWebKit. */
(function () {
  "use strict";

  var NEAR = 200; /* pixels above the end of the page */

  function get(address, done) {
    var request = new XMLHttpRequest();
    request.open("GET", address);
    request.onreadystatechange = function () {
      if (request.readyState === 4 && request.status === 200) {
        done(JSON.parse(request.responseText));
      }
    };
    request.send();
  }

  function element(name, text, className) {
    var made = document.createElement(name);
    if (text) {
      made.appendChild(document.createTextNode(text));
    }
    if (className) {
      made.className = className;
    }
    return made;
  }

  function fillWithHtml(container) {
    get(container.getAttribute("data-src"), function (data) {
      container.innerHTML = data.html;
      if (data.title) {
        document.title = data.title;
      }
    });
  }

  function teaser(entry) {
    var item = element("div", "", "item");
    var heading = element("h3");
    var link = element("a", entry.title);
    link.setAttribute("href", entry.href);
    heading.appendChild(link);
    item.appendChild(heading);
    item.appendChild(document.createTextNode("\n"));
    item.appendChild(element("p", entry.summary));
    item.appendChild(document.createTextNode("\n"));
    item.appendChild(element("span", entry.date));
    return item;
  }

  function scrollList(container) {
    var next = container.getAttribute("data-src");
    var list = element("div", "\n", "list");
    var waiting = false;

    function show(data) {
      var index;
      if (!list.parentNode) {
        container.innerHTML = "";
        container.appendChild(list);
      }
      for (index = 0; index < data.entries.length; index += 1) {
        list.appendChild(teaser(data.entries[index]));
        list.appendChild(document.createTextNode("\n"));
      }
      next = data.next;
      waiting = false;
      more(); /* a window taller than the list cannot be scrolled */
    }

    function load() {
      waiting = true;
      get(next, show);
    }

    function more() {
      var end = document.documentElement.scrollHeight - NEAR;
      if (next && !waiting && window.pageYOffset + window.innerHeight >= end) {
        load();
      }
    }

    load();
    window.addEventListener("scroll", more, false);
    window.addEventListener("resize", more, false);
  }

  function start(name, fill) {
    var container = document.getElementById(name);
    var delay = container && Number(container.getAttribute("data-delay"));
    if (delay) {
      setTimeout(function () { fill(container); }, delay);
    } else if (container) {
      fill(container);
    }
  }

  start("side", fillWithHtml);
  start("main", fillWithHtml);
  start("list", scrollList);
}());
