// The viewer for pictures and films: all of a chat, one after the other, as large as the window allows.

import { fileUrl } from "./api.js";
import { el, iconButton } from "./dom.js";
import { posterUrl } from "./media.js";

const MOST_ZOOM = 6;
const ZOOM_STEP = 1.5;
const SWIPE_PX = 60;

/** What of a message can be looked at large: `{url, name, isFilm}`, or null. */
export function sight(message) {
  const film = message.video ?? message.animation ?? message.video_note;
  const file = message.photo?.at(-1) ?? film;
  if (!file) return null;
  const name = film ? film.file_name ?? "Film" : "Photo";
  return { url: fileUrl(file.file_id), name, isFilm: Boolean(film), poster: film && posterUrl(film) };
}

/** Opens at one of the messages, all of which have something to see; `startAt`: where a film goes on, in seconds. */
export function showMedia(messages, index, startAt = 0) {
  new Viewer(messages).open(index, startAt);
}

class Viewer {
  #messages;
  #index = 0;
  #zoom = 1;
  #shift = { x: 0, y: 0 };
  #fingers = new Map();
  #from = null;

  #stage = el("div", { class: "viewer-stage" });
  #caption = el("p", { class: "viewer-caption", dir: "auto" });
  #count = el("span", { class: "viewer-count", role: "status" });
  #download = el("a", { class: "icon-button" });
  #previous = iconButton("back", "Previous", () => this.#step(-1), "viewer-previous");
  #next = iconButton("next", "Next", () => this.#step(1), "viewer-next");
  #zoomOut = iconButton("zoom-out", "Smaller", () => this.#setZoom(this.#zoom / ZOOM_STEP));
  #zoomIn = iconButton("zoom-in", "Larger", () => this.#setZoom(this.#zoom * ZOOM_STEP));
  #dialog = el("dialog", { class: "viewer", "aria-label": "Viewer" });

  constructor(messages) {
    this.#messages = messages;
    const close = iconButton("close", "Close", () => this.#dialog.close(), "viewer-close");
    const bar = el("div", { class: "viewer-bar" }, this.#count, this.#zoomOut, this.#zoomIn, this.#download, close);
    this.#dialog.append(bar, this.#stage, this.#previous, this.#next, this.#caption);
    this.#dialog.addEventListener("close", () => this.#dialog.remove());
    this.#dialog.addEventListener("keydown", (event) => this.#onKey(event));
    this.#stage.addEventListener("wheel", (event) => this.#onWheel(event), { passive: false });
    this.#stage.addEventListener("pointerdown", (event) => this.#onDown(event));
    this.#stage.addEventListener("pointermove", (event) => this.#onMove(event));
    this.#stage.addEventListener("pointerup", (event) => this.#onUp(event));
    this.#stage.addEventListener("pointercancel", (event) => this.#onUp(event));
    this.#stage.addEventListener("dblclick", () => this.#setZoom(this.#zoom > 1 ? 1 : 2.5));
    this.#stage.addEventListener("click", (event) => event.target === this.#stage && this.#zoom === 1 && this.#dialog.close());
  }

  open(index, startAt) {
    document.body.append(this.#dialog);
    this.#show(index, startAt);
    this.#dialog.showModal();
    this.#dialog.focus();
  }

  #show(index, startAt = 0) {
    this.#index = index;
    const message = this.#messages[index];
    const { url, name, isFilm, poster } = sight(message);
    const caption = message.caption ?? "";
    const node = isFilm
      ? el("video", { src: url, poster, controls: true, autoplay: true, playsInline: true, loop: Boolean(message.animation), "aria-label": name })
      : el("img", { src: url, alt: caption || name, draggable: false });
    if (startAt) node.addEventListener("loadedmetadata", () => (node.currentTime = startAt), { once: true });
    this.#stage.replaceChildren(node);
    this.#caption.textContent = caption;
    this.#caption.hidden = !caption;
    this.#count.textContent = this.#messages.length > 1 ? `${index + 1} of ${this.#messages.length}` : "";
    this.#previous.hidden = index === 0;
    this.#next.hidden = index === this.#messages.length - 1;
    this.#zoomOut.hidden = isFilm;
    this.#zoomIn.hidden = isFilm;
    const fresh = el("a", { class: "icon-button", href: url, download: isFilm ? name : `${name}.jpg`, title: "Download", "aria-label": "Download" });
    fresh.append(...iconButton("download", "", () => undefined).children);
    this.#download.replaceWith(fresh);
    this.#download = fresh;
    this.#setZoom(1);
  }

  #step(by) {
    const index = this.#index + by;
    if (index >= 0 && index < this.#messages.length) this.#show(index);
  }

  get #isFilm() {
    return this.#stage.firstElementChild?.tagName === "VIDEO";
  }

  #setZoom(zoom) {
    this.#zoom = this.#isFilm ? 1 : Math.min(Math.max(zoom, 1), MOST_ZOOM);
    if (this.#zoom === 1) this.#shift = { x: 0, y: 0 };
    this.#draw();
  }

  #draw() {
    const node = this.#stage.firstElementChild;
    node.style.transform = this.#zoom === 1 ? "" : `translate(${this.#shift.x}px, ${this.#shift.y}px) scale(${this.#zoom})`;
    this.#stage.classList.toggle("zoomed", this.#zoom > 1);
    this.#zoomOut.disabled = this.#zoom === 1;
    this.#zoomIn.disabled = this.#zoom === MOST_ZOOM;
  }

  #onKey(event) {
    const inFilm = event.target.tagName === "VIDEO";
    const keys = {
      ArrowLeft: () => this.#step(-1),
      ArrowRight: () => this.#step(1),
      "+": () => this.#setZoom(this.#zoom * ZOOM_STEP),
      "-": () => this.#setZoom(this.#zoom / ZOOM_STEP),
      0: () => this.#setZoom(1),
    };
    if (inFilm || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }

  #onWheel(event) {
    event.preventDefault();
    this.#setZoom(this.#zoom * (event.deltaY < 0 ? 1.15 : 1 / 1.15));
  }

  #onDown(event) {
    if (this.#isFilm && event.pointerType === "mouse") return;
    this.#fingers.set(event.pointerId, event);
    this.#from = { x: event.clientX, y: event.clientY, shift: { ...this.#shift }, zoom: this.#zoom, apart: this.#apart() };
    if (this.#zoom > 1) this.#stage.setPointerCapture(event.pointerId);
  }

  #onMove(event) {
    if (!this.#fingers.has(event.pointerId) || !this.#from) return;
    this.#fingers.set(event.pointerId, event);
    if (this.#fingers.size === 2 && this.#from.apart) this.#setZoom((this.#from.zoom * this.#apart()) / this.#from.apart);
    else if (this.#zoom > 1) {
      this.#shift = { x: this.#from.shift.x + event.clientX - this.#from.x, y: this.#from.shift.y + event.clientY - this.#from.y };
      this.#draw();
    }
  }

  /** One finger that went sideways over a whole picture turns the page. */
  #onUp(event) {
    const wasOne = this.#fingers.size === 1;
    this.#fingers.delete(event.pointerId);
    if (!wasOne || this.#zoom > 1 || !this.#from || event.pointerType === "mouse") return;
    const way = event.clientX - this.#from.x;
    if (event.type === "pointerup" && Math.abs(way) > SWIPE_PX) this.#step(way < 0 ? 1 : -1);
    this.#from = null;
  }

  #apart() {
    const [one, other] = [...this.#fingers.values()];
    return other ? Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) : 0;
  }
}
