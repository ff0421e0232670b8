// Before anything is drawn: the theme that was chosen in this browser, so that nothing flashes.

document.documentElement.dataset.theme = localStorage.getItem("theme") ?? "system";
