// The switch between the theme of the system, the light one and the dark one. `theme.js` sets it at the next start.

import { iconButton } from "./dom.js";

const NEXT = { system: "light", light: "dark", dark: "system" };

/** A button that changes the theme and says which one it is. */
export function themeButton() {
  const current = document.documentElement.dataset.theme;
  const button = iconButton(`theme-${current}`, `Theme: ${current}`, () => {
    document.documentElement.dataset.theme = NEXT[current];
    localStorage.setItem("theme", NEXT[current]);
    const next = themeButton();
    button.replaceWith(next);
    next.focus();
  });
  return button;
}
