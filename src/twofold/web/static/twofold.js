// Small things that HTML does not do by itself; every page works without them.
"use strict";

// A form that was sent is not sent again by a second click.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// What came by itself can be put away.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-closes]");
  button?.closest(button.dataset.closes).remove();
});

// One box at the head of a list ticks all of its rows.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-all]")) return;
  const rows = event.target.closest("table").querySelectorAll("[name=pick]:not(:disabled)");
  for (const row of rows) row.checked = event.target.checked;
});

// Escape closes an open menu, and so does looking elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Cells of a grid: up and down go to the row above and below, a block from a spreadsheet is
// pasted over the cells to the right and below.
const cellsOf = (row) => [...row.querySelectorAll("input:not([type=checkbox]), select")];
document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.(".grid tbody tr");
  const step = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" }[event.key];
  if (!row || !step || event.target.tagName === "SELECT") return;
  const next = row[step];
  if (!next) return;
  event.preventDefault();
  const cell = cellsOf(next)[cellsOf(row).indexOf(event.target)];
  cell.focus();
  cell.select();
});
document.addEventListener("paste", (event) => {
  let row = event.target.closest?.(".grid tbody tr");
  const text = event.clipboardData.getData("text/plain").replace(/\r?\n$/, "");
  if (!row || !/[\t\n]/.test(text)) return;
  event.preventDefault();
  const first = cellsOf(row).indexOf(event.target);
  for (const line of text.split(/\r?\n/)) {
    if (!row) break;
    const cells = cellsOf(row);
    for (const [index, value] of line.split("\t").entries()) {
      const cell = cells[first + index];
      if (cell && cell.tagName !== "SELECT") cell.value = value.trim();
    }
    row = row.nextElementSibling;
  }
});

// A file that is too large is not sent for nothing.
document.addEventListener("change", (event) => {
  const most = event.target.dataset?.bytesMax;
  if (!most) return;
  const large = [...event.target.files].some((file) => file.size > Number(most));
  event.target.setCustomValidity(large ? event.target.dataset.tooLarge : "");
  event.target.reportValidity();
});
