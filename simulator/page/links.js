// Links: what may be opened, and Telegram's own links, which are played inside the page.

import { el } from "./dom.js";

const SAFE_PROTOCOLS = new Set(["http:", "https:", "mailto:", "tg:"]);
const TELEGRAM_HOSTS = new Set(["t.me", "telegram.me"]);

/** The address as a URL when it is one that may be opened, else null. A bare `example.org/x` means http. */
export function safeUrl(address) {
  const text = String(address).trim();
  const url = parse(text) ?? parse(`http://${text}`);
  return url && SAFE_PROTOCOLS.has(url.protocol) ? url : null;
}

function parse(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/**
 * Reads `https://t.me/<bot>?start=<payload>`, `https://t.me/c/<id>/<message>` and `https://t.me/<name>/<message>`, the
 * last two also with a topic before the message. Returns `{username, payload}`, `{chat, message}` or
 * `{username, message}`; null for every other address.
 */
export function readTelegramLink(address) {
  const url = safeUrl(address);
  if (!url || !TELEGRAM_HOSTS.has(url.hostname)) return null;
  const [first, ...rest] = url.pathname.split("/").filter(Boolean);
  if (!first || !rest.every((part) => /^\d+$/.test(part))) return null;
  if (first === "c") return rest.length ? { chat: Number(`-100${rest[0]}`), message: rest.length > 1 ? Number(rest.at(-1)) : null } : null;
  if (rest.length) return { username: first, message: Number(rest.at(-1)) };
  return { username: first, payload: url.searchParams.get("start") };
}

/** An anchor around `content`, or plain text when the address may not be opened. */
export function linkElement(address, content, actions) {
  const url = safeUrl(address);
  if (!url) return el("span", {}, content);
  const node = el("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, content);
  node.addEventListener("click", (event) => {
    if (!readTelegramLink(address)) return;
    event.preventDefault();
    actions.openLink(address);
  });
  return node;
}
