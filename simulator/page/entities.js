// Message text with entities as DOM nodes. Offsets are UTF-16 code units, which is how JavaScript counts too.

import { el } from "./dom.js";
import { linkElement } from "./links.js";

const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", blockquote: "blockquote" };
const BLOCKS = new Set(["PRE", "BLOCKQUOTE", "DETAILS"]);

/** Returns nodes; `actions` has `openLink(url)` and `sendCommand(text)`. */
export function renderText(text, entities = [], actions) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return nest(text, sorted, 0, text.length, actions);
}

/** The nodes for `text` between two offsets; every entity's own content is nested by the same rule. */
function nest(text, entities, start, end, actions) {
  const nodes = [];
  let at = start;
  let next = 0;
  while (next < entities.length) {
    const entity = entities[next];
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.offset + entity.length, end);
    let after = next + 1;
    while (after < entities.length && entities[after].offset < to) after += 1;
    if (to > from) {
      nodes.push(text.slice(skipBreak(text, at, nodes), from));
      const inner = nest(text, entities.slice(next + 1, after), from, to, actions);
      nodes.push(wrap(entity, text.slice(from, to), inner, actions));
      at = to;
    }
    next = after;
  }
  nodes.push(text.slice(skipBreak(text, at, nodes), end));
  return nodes;
}

/** The line break right after a block is the block's own end, not an empty line. */
function skipBreak(text, at, nodes) {
  return text[at] === "\n" && BLOCKS.has(nodes.at(-1)?.nodeName) ? at + 1 : at;
}

function wrap(entity, text, inner, actions) {
  switch (entity.type) {
    case "text_link":
      return linkElement(entity.url, inner, actions);
    case "url":
      return linkElement(text, inner, actions);
    case "email":
      return linkElement(`mailto:${text}`, inner, actions);
    case "bot_command":
      return el("button", { type: "button", class: "command", on: { click: () => actions.sendCommand(text) } }, inner);
    case "pre":
      return el("pre", entity.language ? { data: { language: entity.language } } : {}, el("code", {}, inner));
    case "expandable_blockquote":
      return el("details", { class: "quote" }, el("summary", {}, "Quote"), el("blockquote", {}, inner));
    case "spoiler":
      return spoiler(inner);
    default:
      return el(TAGS[entity.type] ?? "span", { class: `entity-${entity.type}` }, inner);
  }
}

function spoiler(inner) {
  const node = el("span", { class: "spoiler", role: "button", tabIndex: 0, "aria-label": "Hidden text" }, inner);
  const show = () => {
    node.classList.add("shown");
    node.removeAttribute("role");
    node.removeAttribute("aria-label");
  };
  node.addEventListener("click", show);
  node.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") show();
  });
  return node;
}
