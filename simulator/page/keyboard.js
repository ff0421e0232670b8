// Inline keyboards: rows of buttons under a message.

import { el, icon } from "./dom.js";
import { showToast } from "./dialogs.js";

const SWITCHES = ["switch_inline_query", "switch_inline_query_current_chat", "switch_inline_query_chosen_chat"];

/** Presses on their way, as `message/data`: a redrawn keyboard keeps its spinners. */
const pending = new Set();

/** The keyboard's element, or null. `actions`: press(message, data), openLink(url), switchInline(message, button). */
export function renderKeyboard(message, actions) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows?.length) return null;
  const draw = (row) => el("div", { class: "key-row" }, row.map((button) => renderButton(message, button, actions)));
  return el("div", { class: "keyboard", role: "group", "aria-label": "Buttons" }, rows.map(draw));
}

function renderButton(message, button, actions) {
  const properties = { type: "button", class: `key ${button.style ?? ""}`, title: button.text };
  const key = el("button", properties, el("span", { class: "key-label", dir: "auto" }, button.text));
  if (button.url) key.append(icon("link"));
  if (button.callback_data !== undefined) {
    key.dataset.press = `${message.chat.id}/${message.message_id}/${button.callback_data}`;
    markPending(key, pending.has(key.dataset.press));
  }
  key.addEventListener("click", () => use(key.dataset.press, message, button, actions));
  return key;
}

async function use(press, message, button, actions) {
  if (button.url) return actions.openLink(button.url);
  if (button.copy_text) return copy(button.copy_text.text);
  if (SWITCHES.some((name) => name in button)) return actions.switchInline(message, button);
  if (press === undefined) return showToast("The simulator does not have this kind of button.");
  if (pending.has(press)) return undefined;
  setPending(press, true);
  try {
    return await actions.press(message, button.callback_data);
  } finally {
    setPending(press, false);
  }
}

function setPending(press, on) {
  if (on) pending.add(press);
  else pending.delete(press);
  for (const key of document.querySelectorAll(".key[data-press]")) {
    if (key.dataset.press === press) markPending(key, on);
  }
}

function markPending(key, on) {
  key.classList.toggle("pending", on);
  key.setAttribute("aria-busy", String(on));
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    showToast("Copied");
  } catch {
    showToast(text);
  }
}
