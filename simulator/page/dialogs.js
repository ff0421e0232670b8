// Toasts, alerts, and the viewer for pictures.

import { byId, el, formatSize, iconButton } from "./dom.js";

const TOAST_MS = 4000;

export function showToast(text) {
  const toast = el("div", { class: "toast" }, text);
  byId("toasts").append(toast);
  setTimeout(() => toast.remove(), TOAST_MS);
}

/** A dialog that takes itself away when it is closed, by any way; resolves with its return value. */
function open(dialog) {
  document.body.append(dialog);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close("");
  });
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue);
    });
  });
}

export function showAlert(title, text) {
  const ok = el("button", { class: "primary", value: "ok", autofocus: true }, "OK");
  const form = el("form", { method: "dialog" }, el("h2", {}, title), el("p", {}, text), el("div", { class: "dialog-buttons" }, ok));
  return open(el("dialog", { class: "dialog", role: "alertdialog", "aria-label": title }, form));
}

/** Asks once; resolves with true when the person agrees. */
export async function confirm(question, yes) {
  const buttons = el(
    "div",
    { class: "dialog-buttons" },
    el("button", { value: "" }, "Cancel"),
    el("button", { class: "primary", value: "yes" }, yes),
  );
  const form = el("form", { method: "dialog" }, el("p", {}, question), buttons);
  return (await open(el("dialog", { class: "dialog", "aria-label": question }, form))) === "yes";
}

export function showPicture(url, name) {
  const dialog = el("dialog", { class: "viewer", "aria-label": name });
  const close = iconButton("close", "Close", () => dialog.close(""), "viewer-close");
  dialog.append(close, el("img", { src: url, alt: name, on: { click: () => dialog.close("") } }));
  return open(dialog);
}

const MEDIA_KINDS = { image: "photo", video: "video", audio: "audio" };

/** Shows the files about to be sent; resolves with `{kinds, caption}`, or null when the person changed their mind. */
export async function askBeforeSending(files, caption) {
  const kinds = files.map((file) => MEDIA_KINDS[file.type.split("/")[0]] ?? "document");
  const asFile = el("input", { type: "checkbox" });
  const choice = kinds.some((kind) => kind !== "document") ? el("label", { class: "check" }, asFile, "Send as a file") : null;
  const input = el("input", { class: "caption", value: caption, placeholder: "Caption", "aria-label": "Caption", autocomplete: "off" });
  const list = el("ul", { class: "file-list" }, files.map(fileLine));
  const buttons = el(
    "div",
    { class: "dialog-buttons" },
    el("button", { type: "button", on: { click: () => dialog.close("") } }, "Cancel"),
    el("button", { class: "primary", value: "send" }, "Send"),
  );
  const title = files.length === 1 ? "Send a file" : `Send ${files.length} files`;
  const form = el("form", { method: "dialog" }, el("h2", {}, title), list, input, choice, buttons);
  const dialog = el("dialog", { class: "dialog", "aria-label": title }, form);
  const answer = open(dialog);
  input.focus();
  if ((await answer) !== "send") return null;
  return { kinds: asFile.checked ? files.map(() => "document") : kinds, caption: input.value.trim() };
}

const fileLine = (file) => el("li", {}, el("span", { class: "file-name" }, file.name), el("span", { class: "dim" }, formatSize(file.size)));
