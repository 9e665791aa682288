// The pages do without this. In a picture of teasers it brings out what belongs to the article pointed at; "/" leads to the search.
"use strict";

document.addEventListener("keydown", (event) => {
  const field = document.getElementById("q");
  const isTyping = event.target.closest("input, textarea, select");
  if (event.key === "/" && field && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    field.focus();
  }
});

for (const picture of document.querySelectorAll("svg.picture")) {
  const nodes = [...picture.querySelectorAll(".node")];
  const edges = [...picture.querySelectorAll(".edge")];
  const show = (key) => {
    const near = new Set([key]);
    for (const edge of edges) {
      const { from, to } = edge.dataset;
      const isNear = from === key || to === key;
      edge.classList.toggle("near", isNear);
      if (isNear) near.add(from).add(to);
    }
    for (const node of nodes) node.classList.toggle("near", near.has(node.dataset.key));
    picture.classList.add("exploring");
  };
  const clear = () => picture.classList.remove("exploring");
  for (const node of nodes) {
    node.addEventListener("pointerenter", () => show(node.dataset.key));
    node.addEventListener("focusin", () => show(node.dataset.key));
    node.addEventListener("pointerleave", clear);
    node.addEventListener("focusout", clear);
  }
}
