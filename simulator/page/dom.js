// Small helpers to build elements. Text only ever goes in as text nodes, never as markup.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  back: "M15 5l-7 7 7 7",
  attach: "M20 11.5l-8.2 8.2a5 5 0 0 1-7.1-7.1l8.6-8.6a3.4 3.4 0 0 1 4.8 4.8l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4l7.7-7.7",
  send: "M4 12l16-8-5 16-3-6.5L4 12zm8 1.5L20 4",
  menu: "M5 7h14M5 12h14M5 17h9",
  reply: "M10 6L4 12l6 6M4.5 12H14a6 6 0 0 1 6 6",
  remove: "M5 7h14M10 11v6M14 11v6M7 7l1 12h8l1-12M9 7V4h6v3",
  down: "M12 5v14M6 13l6 6 6-6",
  link: "M9 15L19 5M11 5h8v8",
  close: "M6 6l12 12M18 6L6 18",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  next: "M9 5l7 7-7 7",
  forward: "M14 6l6 6-6 6M19.5 12H10a6 6 0 0 0-6 6",
  edit: "M5 19l1-4L16.5 4.5l3 3L9 18l-4 1z",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  more: "M12 5.5m-.5 0a.5.5 0 1 0 1 0a.5.5 0 1 0-1 0M12 12m-.5 0a.5.5 0 1 0 1 0a.5.5 0 1 0-1 0M12 18.5m-.5 0a.5.5 0 1 0 1 0a.5.5 0 1 0-1 0",
  plus: "M12 5v14M5 12h14",
  lock: "M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z",
  expand: "M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7",
  play: "M8 5l11 7-11 7z",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20a7.5 7.5 0 0 1 15 0",
  group: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 19a6.5 6.5 0 0 1 13 0M16 4.4a3.5 3.5 0 0 1 0 6.2M18 13.4a6.5 6.5 0 0 1 3.5 5.6",
  "zoom-in": "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5M8 11h6M11 8v6",
  "zoom-out": "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5M8 11h6",
  "theme-system": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 3v18M12 7l5.5-2.6M12 12l8.8-3.5M12 17l8.5-3",
  "theme-light": "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2v2M12 20v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M2 12h2M20 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4",
  "theme-dark": "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
  block: "M5.6 5.6l12.8 12.8M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z",
};

/** Builds an element: `properties` are set on it (`class`, `data` and `on` are special), children are nodes or texts. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) setProperty(node, name, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

function setProperty(node, name, value) {
  if (value === undefined || value === null) return;
  if (name === "class") node.className = value;
  else if (name === "data") Object.assign(node.dataset, value);
  else if (name === "on") for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
  else if (name === "style") Object.assign(node.style, value);
  else if (name.startsWith("aria-") || name === "role") node.setAttribute(name, value);
  else node[name] = value;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button that shows only an icon; the label is for screen readers and the tooltip. */
export function iconButton(name, label, onClick, className = "") {
  const properties = { type: "button", class: `icon-button ${className}`, title: label, "aria-label": label };
  return el("button", { ...properties, on: { click: onClick } }, icon(name));
}

/** A round picture with initials; the tint follows the id. */
export function avatar(id, name, className = "") {
  const initials = [...name.trim()].slice(0, 1).join("").toUpperCase() || "?";
  const tint = Math.abs(Number(id)) % 6;
  return el("span", { class: `avatar tint-${tint} ${className}`, "aria-hidden": "true" }, initials);
}

export function byId(id) {
  return document.getElementById(id);
}

const UNITS = ["B", "KB", "MB", "GB", "TB"];

/** A size in bytes for people, such as `1.4 GB`. */
export function formatSize(bytes) {
  if (!Number.isFinite(bytes)) return "";
  let unit = 0;
  while (bytes >= 1024 && unit < UNITS.length - 1) {
    bytes /= 1024;
    unit += 1;
  }
  return `${unit > 0 && bytes < 10 ? bytes.toFixed(1) : Math.round(bytes)} ${UNITS[unit]}`;
}

/** A length in seconds as `1:05` or `1:02:03`. */
export function formatLength(seconds) {
  const parts = [Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  if (seconds >= 3600) parts.unshift(Math.floor(seconds / 3600));
  return parts.map((part, index) => (index ? String(part).padStart(2, "0") : String(part))).join(":");
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "medium" });

const asDate = (unixSeconds) => new Date(unixSeconds * 1000);

export const formatTime = (unixSeconds) => TIME.format(asDate(unixSeconds));
export const formatDay = (unixSeconds) => DAY.format(asDate(unixSeconds));
export const formatMoment = (unixSeconds) => FULL.format(asDate(unixSeconds));

/** The time for a message of today, the day for an older one. */
export function formatWhen(unixSeconds) {
  const today = asDate(unixSeconds).toDateString() === new Date().toDateString();
  return today ? formatTime(unixSeconds) : formatDay(unixSeconds);
}
