// Menus: a list of things to do, at a place, closed by choosing, by Escape, by a click elsewhere.

import { el, icon } from "./dom.js";

const MARGIN_PX = 8;

/** Shows a menu at a point; `items` have `icon`, `label`, `onChoose`, and `danger` where it destroys. */
export function showMenu(items, { x, y }) {
  const before = document.activeElement;
  const listening = new AbortController();
  const menu = el("div", { class: "context-menu", role: "menu", popover: "manual" }, items.map((item) => line(item, close)));

  function close() {
    listening.abort();
    menu.remove();
    before?.focus({ preventScroll: true });
  }

  const outside = (event) => menu.contains(event.target) || close();
  const options = { signal: listening.signal, capture: true };
  addEventListener("pointerdown", outside, options);
  addEventListener("focusin", outside, options);
  addEventListener("resize", close, options);
  addEventListener("keydown", (event) => onKey(menu, event, close), options);
  // What is outside of an open dialog cannot be reached.
  (document.querySelector("dialog:modal") ?? document.body).append(menu);
  menu.showPopover();
  place(menu, x, y);
  menu.firstElementChild?.focus();
}

/** Where a menu belongs that was asked for by key, or by a button. */
export function under(node) {
  const { left, bottom } = node.getBoundingClientRect();
  return { x: left, y: Math.min(bottom, innerHeight / 2) };
}

function line({ icon: name, label, onChoose, danger }, close) {
  const choose = () => {
    close();
    onChoose();
  };
  const properties = { type: "button", class: `context-line ${danger ? "danger" : ""}`, role: "menuitem" };
  return el("button", { ...properties, on: { click: choose } }, icon(name), el("span", {}, label));
}

function place(menu, x, y) {
  const { width, height } = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(MARGIN_PX, Math.min(x, innerWidth - width - MARGIN_PX))}px`;
  menu.style.top = `${Math.max(MARGIN_PX, Math.min(y, innerHeight - height - MARGIN_PX))}px`;
}

function onKey(menu, event, close) {
  const lines = [...menu.children];
  const at = lines.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: lines.length - 1 }[event.key];
  const leaves = event.key === "Escape" || event.key === "Tab";
  if (next === undefined && !leaves) return;
  event.preventDefault();
  event.stopPropagation();
  if (leaves) close();
  else lines[(next + lines.length) % lines.length].focus();
}
