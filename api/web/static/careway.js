// What pages do beyond links and forms; without it all of them still work.

// Parts marked `data-fresh` are asked for again every so many seconds while nobody is busy with them, until the
// person has left the page alone for a while. Such a question says that nobody asked it: it keeps no session alive.
const TICK = 2;
const ATTENDED = 5 * 60_000;
let ticks = 0;
let attended = Date.now();
for (const sign of ["pointerdown", "pointermove", "wheel", "keydown", "focus"])
  addEventListener(sign, () => { attended = Date.now(); }, { capture: true, passive: true });
setInterval(() => {
  ticks += 1;
  if (document.hidden || Date.now() - attended > ATTENDED) return;
  for (const part of document.querySelectorAll("[data-fresh]")) {
    const busy = part.contains(document.activeElement) || part.querySelector("input:checked, details[open]");
    if (!busy && (ticks * TICK) % Number(part.dataset.fresh) === 0) htmx.trigger(part, "fresh");
  }
}, TICK * 1000);
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.matches("[data-fresh]")) event.detail.headers["Careway-Unattended"] = "1";
});

// An answer without the part that was asked for leaves what is there; what it says stands above, until one comes again.
const UNANSWERED = "Careway does not answer. What you see here may be old.";
const tell = (part, says) => {
  const above = part.previousElementSibling;
  const line = above && above.matches("[data-told]") ? above : null;
  if (!says) { if (line) line.remove(); return; }
  if (line && line.textContent === says) return;
  const told = line || document.createElement("p");
  told.className = "alert";
  told.setAttribute("role", "alert");
  told.dataset.told = "";
  if (!line) part.before(told);
  told.textContent = says;
};
document.addEventListener("htmx:beforeSwap", (event) => {
  const { elt, target, xhr } = event.detail;
  if (!elt.hasAttribute("hx-select")) return;
  if (xhr.status < 400) { tell(target, ""); return; }
  event.detail.shouldSwap = false;
  const alert = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector(".alert");
  tell(target, alert ? alert.textContent : UNANSWERED);
});
document.addEventListener("htmx:sendError", (event) => {
  if (event.detail.elt.hasAttribute("hx-select")) tell(event.detail.elt, UNANSWERED);
});

// j and k go from row to row, / to the search of patients, as in most lists; settings switch letters off here.
const OFF = "careway.letters-off";
const typing = (at) => at.closest("input, select, textarea, [contenteditable]");
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || localStorage.getItem(OFF)) return;
  if (event.key === "/") {
    const search = document.querySelector("[data-search]"), link = document.querySelector("a[href='/patients']");
    if (search) search.focus(); else if (link) location.assign("/patients#sought");
    if (search || link) event.preventDefault();
    return;
  }
  const step = { j: 1, k: -1 }[event.key];
  if (!step) return;
  const rows = [...document.querySelectorAll("table.rows th a")];
  const at = rows.findIndex((row) => row.closest("tr").contains(document.activeElement));
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
  if (next) next.focus();
});

// The box in the settings of this browser that switches letters off.
for (const box of document.querySelectorAll("[data-letters]")) {
  box.checked = !localStorage.getItem(OFF);
  box.addEventListener("change", () => box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1"));
}

// A picture that is wider than the screen begins where the patient is.
for (const state of document.querySelectorAll(".picture .current")) {
  const box = state.closest(".drawing"), here = state.getBoundingClientRect(), all = box.getBoundingClientRect();
  box.scrollLeft += here.left + here.width / 2 - all.left - all.width / 2;
}

// A form is not sent twice by a second press.
document.addEventListener("submit", (event) => {
  const sent = event.target.dataset.sent;
  if (sent && Date.now() - Number(sent) < 3000) event.preventDefault();
  else event.target.dataset.sent = Date.now();
});

// What was typed before this script was there, or was filled in again by the browser on the way back, counts.
const typedIn = (field) =>
  field.matches("select")
    ? field.selectedIndex !== Math.max(0, [...field.options].findIndex((each) => each.defaultSelected))
    : field.matches("input:not([type=hidden])") && field.value !== field.defaultValue;
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-supposed]"))
    if ([...form.elements].some(typedIn)) htmx.trigger(form, "change");
});
