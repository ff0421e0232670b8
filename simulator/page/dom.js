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
