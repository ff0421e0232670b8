// Toasts, alerts, questions.

import { byId, el, formatSize } from "./dom.js";

const TOAST_MS = 4000;

export function showToast(text) {
  const toast = el("div", { class: "toast" }, text);
  byId("toasts").append(toast);
  setTimeout(() => toast.remove(), TOAST_MS);
}

/** A dialog that takes itself away when it is closed, by any way; resolves with its return value. */
export function openDialog(dialog) {
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
  return openDialog(el("dialog", { class: "dialog", role: "alertdialog", "aria-label": title }, form));
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
  return (await openDialog(el("dialog", { class: "dialog", "aria-label": question }, form))) === "yes";
}

const MEDIA_KINDS = { image: "photo", video: "video", audio: "audio" };

const ALBUM_KINDS = new Set(["photo", "video"]);
const MOST_IN_ALBUM = 10;

/** Photos and films make an album, or several files or sounds. */
function fitAlbum(kinds) {
  const several = kinds.length > 1 && kinds.length <= MOST_IN_ALBUM;
  return several && (kinds.every((kind) => ALBUM_KINDS.has(kind)) || kinds.every((kind) => kind === kinds[0]));
}

/** Shows the files about to be sent; resolves with `{kinds, caption, album}`, or null when the person changed their mind. */
export async function askBeforeSending(files, caption) {
  const found = files.map((file) => MEDIA_KINDS[file.type.split("/")[0]] ?? "document");
  const asFile = el("input", { type: "checkbox" });
  const together = el("input", { type: "checkbox", checked: true });
  const kinds = () => (asFile.checked ? files.map(() => "document") : found);
  const choice = found.some((kind) => kind !== "document") ? el("label", { class: "check" }, asFile, "Send as a file") : null;
  const album = el("label", { class: "check" }, together, "Send as an album");
  const showAlbum = () => (album.hidden = !fitAlbum(kinds()));
  asFile.addEventListener("change", showAlbum);
  showAlbum();
  const input = el("input", { class: "caption", value: caption, placeholder: "Caption", "aria-label": "Caption", autocomplete: "off" });
  const list = el("ul", { class: "file-list" }, files.map(fileLine));
  const title = files.length === 1 ? "Send a file" : `Send ${files.length} files`;
  const form = el("form", { method: "dialog" }, el("h2", {}, title), list, input, choice, album, sendOrCancel(() => dialog.close("")));
  const dialog = el("dialog", { class: "dialog", "aria-label": title }, form);
  const answer = openDialog(dialog);
  input.focus();
  if ((await answer) !== "send") return null;
  return { kinds: kinds(), caption: input.value.trim(), album: together.checked && fitAlbum(kinds()) };
}

function sendOrCancel(cancel) {
  return el(
    "div",
    { class: "dialog-buttons" },
    el("button", { type: "button", on: { click: cancel } }, "Cancel"),
    el("button", { class: "primary", value: "send" }, "Send"),
  );
}

/** Asks for one line of text; resolves with it, or "" when the person changed their mind. */
export async function askLine(title, label, yes) {
  const input = el("input", { class: "caption", required: true, maxLength: 128, "aria-label": label, placeholder: label, autocomplete: "off" });
  const buttons = el(
    "div",
    { class: "dialog-buttons" },
    el("button", { type: "button", on: { click: () => dialog.close("") } }, "Cancel"),
    el("button", { class: "primary", value: "yes" }, yes),
  );
  const dialog = el("dialog", { class: "dialog", "aria-label": title }, el("form", { method: "dialog" }, el("h2", {}, title), input, buttons));
  const answer = openDialog(dialog);
  input.focus();
  return (await answer) === "yes" ? input.value.trim() : "";
}

const fileLine = (file) => el("li", {}, el("span", { class: "file-name" }, file.name), el("span", { class: "dim" }, formatSize(file.size)));
