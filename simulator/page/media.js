// What a message carries besides text: pictures, films, sounds, files.

import { fileUrl } from "./api.js";
import { el, formatLength, formatSize, icon, iconButton } from "./dom.js";

const MAX_WIDTH = 440;
const MAX_HEIGHT = 480;

/** Which file a message shows, or "" for none: while it stays the same, the element (and what it plays) stays too. */
export function mediaKey(message) {
  const file = mediaFile(message);
  return file ? `${message.message_id} ${file.file_unique_id ?? file.file_id}` : "";
}

function mediaFile(message) {
  const { photo, animation, video, audio, voice, video_note: note, sticker, document } = message;
  return photo?.at(-1) ?? animation ?? video ?? audio ?? voice ?? note ?? sticker ?? document ?? null;
}

/** True when the media fills the bubble from edge to edge. */
export const isVisual = (message) => Boolean(message.photo || message.animation || message.video || message.video_note);

/** The address of what a film shows before it plays, or undefined. */
export function posterUrl(film) {
  const picture = film.cover?.at(-1) ?? film.thumbnail;
  return picture && fileUrl(picture.file_id);
}

/** The element for a message's media, or null. `inAlbum`: small, beside others; `openMedia(message, seconds)`: large. */
export function renderMedia(message, openMedia, { inAlbum = false } = {}) {
  if (message.photo) return renderPhoto(message, openMedia);
  if (message.animation) return renderFilm(message, message.animation, openMedia, { loop: true });
  if (message.video && inAlbum) return renderStill(message, openMedia);
  if (message.video ?? message.video_note) return renderFilm(message, message.video ?? message.video_note, openMedia, {});
  if (message.audio ?? message.voice) return renderSound(message.audio ?? message.voice);
  if (message.sticker) return renderSticker(message.sticker);
  if (message.document) return renderDocument(message.document);
  return null;
}

function renderPhoto(message, openMedia) {
  const largest = message.photo.at(-1);
  const url = fileUrl(largest.file_id);
  const name = message.caption || "Photo";
  const picture = el("img", { src: url, alt: name, decoding: "async" });
  const open = { type: "button", class: "visual photo", "aria-label": `Open: ${name}`, style: fit(largest) };
  const button = el("button", { ...open, on: { click: () => openMedia(message) } }, picture);
  if (message.has_media_spoiler) cover(button);
  return button;
}

/** A film of an album: its picture, which opens it. */
function renderStill(message, openMedia) {
  const { video } = message;
  const poster = posterUrl(video);
  const picture = poster ? el("img", { src: poster, alt: "" }) : null;
  const open = { type: "button", class: "visual photo still", "aria-label": `Play: ${video.file_name ?? "Film"}`, style: fit(video) };
  const badge = el("span", { class: "badge" }, formatLength(video.duration ?? 0));
  return el("button", { ...open, on: { click: () => openMedia(message) } }, picture, badge, el("span", { class: "play" }, icon("play")));
}

/** A film with controls, or with `loop` one that moves silently for as long as it is in sight. */
function renderFilm(message, file, openMedia, { loop = false }) {
  const film = el("video", { src: fileUrl(file.file_id), poster: posterUrl(file), preload: "metadata", playsInline: true, controls: !loop });
  film.setAttribute("aria-label", file.file_name ?? (loop ? "Animation" : "Video"));
  const badge = loop ? "GIF" : formatLength(file.duration ?? 0);
  const large = iconButton("expand", "Look at it large", () => {
    film.pause();
    openMedia(message, film.currentTime);
  }, "enlarge");
  const box = el("div", { class: "visual film", style: fit(file) }, film, el("span", { class: "badge" }, badge), large);
  if (loop) playInSight(film);
  film.addEventListener("play", () => box.classList.add("played"));
  return box;
}

function playInSight(film) {
  film.loop = true;
  film.muted = true;
  const watcher = new IntersectionObserver(([entry]) => {
    if (!film.isConnected) watcher.disconnect();
    else if (entry.isIntersecting) film.play().catch(() => undefined);
    else film.pause();
  });
  watcher.observe(film);
}

function renderSound(file) {
  const title = file.title ?? file.file_name ?? "Voice message";
  const about = [file.performer, formatLength(file.duration ?? 0), formatSize(file.file_size)].filter(Boolean).join(" · ");
  const cover = file.thumbnail
    ? el("img", { class: "cover", src: fileUrl(file.thumbnail.file_id), alt: "" })
    : el("span", { class: "cover tone", "aria-hidden": "true" }, "♪");
  const names = el("div", { class: "file-names" }, el("span", { class: "file-name" }, title), el("span", { class: "dim" }, about));
  const player = el("audio", { src: fileUrl(file.file_id), controls: true, preload: "metadata", "aria-label": title });
  return el("div", { class: "sound" }, el("div", { class: "file" }, cover, names), player);
}

function renderSticker(file) {
  return el("img", { class: "sticker", src: fileUrl(file.file_id), alt: file.emoji ?? "Sticker" });
}

function renderDocument(file) {
  const name = file.file_name ?? "file";
  const ending = /\.([A-Za-z0-9]{1,4})$/.exec(name)?.[1] ?? "";
  const mark = file.thumbnail
    ? el("img", { class: "cover", src: fileUrl(file.thumbnail.file_id), alt: "" })
    : el("span", { class: "cover ending", "aria-hidden": "true" }, ending.toUpperCase() || icon("download"));
  const names = el("div", { class: "file-names" }, el("span", { class: "file-name" }, name), el("span", { class: "dim" }, formatSize(file.file_size)));
  return el("a", { class: "file document", href: fileUrl(file.file_id), download: name, "aria-label": `Download ${name}` }, mark, names);
}

function cover(button) {
  button.classList.add("covered");
  button.addEventListener("click", (event) => {
    if (!button.classList.contains("covered")) return;
    event.stopImmediatePropagation();
    button.classList.remove("covered");
  }, { capture: true });
}

/** Room is kept at the right proportions before the bytes arrive, so that nothing jumps. */
function fit({ width, height, length }) {
  const w = width ?? length ?? 320;
  const h = height ?? length ?? 180;
  const scale = Math.min(MAX_WIDTH / w, MAX_HEIGHT / h);
  return { aspectRatio: `${w} / ${h}`, width: `${Math.max(Math.round(w * scale), 160)}px` };
}
