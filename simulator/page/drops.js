// Files dragged onto the messages.

import { byId } from "./dom.js";

/** Calls `onFiles(files)` for every drop while `isOpen()`. */
export function acceptDrops(isOpen, onFiles) {
  const room = document.querySelector(".room");
  const curtain = byId("drop");

  function show(event, visible) {
    if (!isOpen() || !event.dataTransfer?.types.includes("Files")) return false;
    event.preventDefault();
    curtain.hidden = !visible;
    return true;
  }

  room.addEventListener("dragover", (event) => show(event, true));
  room.addEventListener("dragleave", (event) => show(event, room.contains(event.relatedTarget)));
  room.addEventListener("drop", (event) => {
    if (show(event, false)) onFiles([...event.dataTransfer.files]);
  });
}
