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

// Cells of a grid: Enter, up and down go from row to row, Escape gives a cell back, a block from a
// spreadsheet is pasted over the cells to the right and below, and the totals follow what is typed.
const grid = document.querySelector("form.grid");
const cellsOf = (row) => [...row.querySelectorAll("input:not([type=checkbox]), select")];
const FIGURES = ["quantity", "price", "tax_amount"];
const SCALE = 10000n;
const scaled = (plain) => {
  const [whole, fraction = ""] = plain.split(".");
  return BigInt(whole + fraction.slice(0, 4).padEnd(4, "0"));
};

// A figure as the reader writes them, in ten-thousandths; null where it cannot be read.
const readFigure = (typed) => {
  const { decimal, groups } = grid.dataset;
  const text = typed.trim().replace(/\u2212/, "-").replace(/\s/g, " ");
  const signs = [...groups].map((one) => `\\u{${one.codePointAt(0).toString(16)}}`).join("");
  const point = `\\u{${decimal.codePointAt(0).toString(16)}}`;
  const figure = new RegExp(`^-?(\\d+|\\d{1,3}([${signs}]\\d{3})+)(${point}\\d+)?$`, "u");
  if (!figure.test(text)) return null;
  const [whole, fraction = ""] = text.split(decimal);
  return scaled(`${whole.replace(/[^\d-]/g, "")}.${fraction}`);
};

// Round half away from zero to the decimals of the currency, of a figure with so many decimals.
const rounded = (value, decimals) => {
  const unit = 10n ** BigInt(decimals - Number(grid.dataset.precision));
  const size = value < 0n ? -value : value;
  const whole = ((size * 2n + unit) / (unit * 2n)) * unit;
  return (value < 0n ? -whole : whole) / 10n ** BigInt(decimals - 4);
};
const writeMoney = (value) => {
  const size = (value < 0n ? -value : value).toString().padStart(5, "0");
  const whole = size.slice(0, -4).replace(/\B(?=(\d{3})+$)/g, grid.dataset.group);
  const fraction = size.slice(-4).replace(/0{1,2}$/, "");
  return `${value < 0n ? "-" : ""}${whole}${grid.dataset.decimal}${fraction}`;
};

const partOf = (row, name) => row.querySelector(`[name^="${name}/"]`);
const follow = () => {
  const sums = Object.fromEntries(
    [...grid.querySelectorAll("[data-sum]")].map((one) => [one.dataset.sum, scaled(one.dataset.amount)])
  );
  let bad = 0;
  for (const row of grid.querySelectorAll("tbody tr")) {
    const read = {};
    for (const name of FIGURES) {
      const cell = partOf(row, name);
      read[name] = readFigure(cell.value);
      cell.toggleAttribute("aria-invalid", false);
      if (read[name] === null) {
        cell.setAttribute("aria-invalid", "true");
        bad += 1;
      }
    }
    const { type, amount, fees, previous } = row.dataset;
    if (!type || read.quantity === null || read.price === null) continue;
    const before = scaled(amount);
    const now = isTyped(partOf(row, "quantity")) || isTyped(partOf(row, "price"))
      ? rounded(read.quantity * read.price, 8) : before;
    const extra = scaled(fees);
    const extraNow = now === before || before === 0n ? extra : rounded((extra * now * SCALE) / before, 8);
    sums[type] -= before + extra - scaled(previous);
    sums[partOf(row, "billing_type").value] += now + extraNow - scaled(previous);
    row.querySelector(".row-amount").textContent = writeMoney(now);
  }
  for (const one of grid.querySelectorAll("[data-sum]")) {
    const said = writeMoney(sums[one.dataset.sum]);
    if (one.textContent !== said) one.textContent = said;
  }
  tell(bad ? `${grid.dataset.bad} ${bad}` : "");
};
const tell = (words) => {
  const told = grid.querySelector(".told");
  if (told.textContent !== words) told.textContent = words;
};
const isTyped = (cell) =>
  cell.tagName === "SELECT" ? !cell.selectedOptions[0].defaultSelected : cell.value !== cell.defaultValue;
const goDown = (row, cell, step) => {
  const next = row[step] && cellsOf(row[step])[cellsOf(row).indexOf(cell)];
  next?.focus();
  next?.select?.();
};
// What was not pasted is named: there was no cell for it, or its list does not have it.
const pasteInto = (cell, value) => {
  const text = value.trim();
  if (!cell) return text === "";
  if (cell.tagName !== "SELECT") {
    cell.value = text;
    return true;
  }
  const alike = [...cell.options].find((one) =>
    [one.value, one.text].some((word) => word.toLowerCase() === text.toLowerCase()));
  if (alike) cell.value = alike.value;
  return Boolean(alike);
};

if (grid) {
  grid.addEventListener("input", follow);
  grid.addEventListener("keydown", (event) => {
    const row = event.target.closest("tbody tr");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      grid.requestSubmit(grid.querySelector("button.main"));
    } else if (!row || event.target.type === "checkbox") {
      return;
    } else if (event.key === "Enter") {
      event.preventDefault();
      goDown(row, event.target, event.shiftKey ? "previousElementSibling" : "nextElementSibling");
    } else if (event.key === "Escape" && event.target.tagName !== "SELECT") {
      event.target.value = event.target.defaultValue;
      event.target.select();
      follow();
    } else if (event.target.tagName !== "SELECT" && ["ArrowUp", "ArrowDown"].includes(event.key)) {
      event.preventDefault();
      goDown(row, event.target, event.key === "ArrowUp" ? "previousElementSibling" : "nextElementSibling");
    }
  });
  grid.addEventListener("paste", (event) => {
    let row = event.target.closest("tbody tr");
    const text = event.clipboardData.getData("text/plain").replace(/\r?\n$/, "");
    if (!row || !/[\t\n]/.test(text)) return;
    event.preventDefault();
    const first = cellsOf(row).indexOf(event.target);
    const left = [];
    let count = 0;
    for (const line of text.split(/\r?\n/)) {
      const cells = row ? cellsOf(row) : [];
      for (const [index, value] of line.split("\t").entries()) {
        if (pasteInto(cells[first + index], value)) count += cells[first + index] ? 1 : 0;
        else left.push(value.trim());
      }
      row = row?.nextElementSibling;
    }
    follow();
    const bad = grid.querySelector(".told").textContent;
    const missed = left.length ? `${grid.dataset.left} ${left.slice(0, 10).join(", ")}` : "";
    tell([`${grid.dataset.pasted} ${count}`, missed, bad].filter(Boolean).join(" · "));
  });
  // Nobody leaves what they typed behind by a slip.
  window.addEventListener("beforeunload", (event) => {
    const cells = [...grid.querySelectorAll("tbody tr")].flatMap(cellsOf);
    if (!grid.dataset.sent && (grid.dataset.kept || cells.some(isTyped))) event.preventDefault();
  });
  follow();
}

// A file that is too large is not sent for nothing.
document.addEventListener("change", (event) => {
  const most = event.target.dataset?.bytesMax;
  if (!most) return;
  const large = [...event.target.files].some((file) => file.size > Number(most));
  event.target.setCustomValidity(large ? event.target.dataset.tooLarge : "");
  event.target.reportValidity();
});
