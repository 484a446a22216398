// The screen of a panel. The kernel holds the state; this draws it, and says what the hand does.
// Slots are filled by messages: "drawn" (first phase), "part" (a later piece), "settled" (the end);
// "failed" says why a later piece is missing.

const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
};

const PATIENCE_MS = 20000; // until an input that nothing answers is given up
const LATE_MS = 5000; // until the reader is told that nothing answers
const UNANSWERED = "The kernel has not answered for 5 seconds. It is at work, or it was started again: then run this cell again.";

// plotly.js comes from the kernel, packed, once for each page: no network is asked. With it comes the
// template that it gives to every figure, so that no chart has to bring it.
let plotly, template = "{}";
function plotlyOf(model) {
  plotly ??= new Promise((resolve) => {
    const take = async (message, buffers) => {
      if (message.kind !== "plotly") return;
      model.off("msg:custom", take);
      template = JSON.stringify(message.template);
      const packed = new Blob([buffers[0]]).stream().pipeThrough(new DecompressionStream("gzip"));
      const script = make("script");
      script.textContent = await new Response(packed).text();
      document.head.append(script);
      resolve(window.Plotly);
    };
    model.on("msg:custom", take);
    model.send({ kind: "plotly" });
  });
  return plotly;
}

// --- charts ----------------------------------------------------------------------------------

const PLAIN = { autosize: false, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)" };
const CONFIG = { displayModeBar: false, responsive: false }; // `Panel.widths` follows the width
const GRID = "#34383d"; // on dark as faint as the grid on white paper: labels stand on it

// Charts are drawn for white paper: on dark, what is ink or grid takes the colours of JupyterLab.
class Theme {
  constructor(root) {
    this.isDark = document.body.dataset.jpThemeLight === "false";
    this.ink = getComputedStyle(root).color;
    this.paper = getComputedStyle(document.body).getPropertyValue("--jp-layout-color0").trim() || "#111";
    this.template = this.parsed(template);
  }

  parsed(text) {
    if (!this.isDark) return JSON.parse(text);
    return JSON.parse(text.replaceAll('"#1a1d21"', JSON.stringify(this.ink)).replaceAll('"#e5e7eb"', JSON.stringify(GRID)).replaceAll('"white"', JSON.stringify(this.paper)));
  }

  figure(text) {
    const { data, layout } = this.parsed(text);
    const plain = { ...layout, ...PLAIN, template: this.template };
    if (!this.isDark) return { data, layout: plain };
    // What is written on coloured cells keeps the ink that was chosen for it.
    if (data.some(({ type }) => type === "heatmap")) return { data: JSON.parse(text).data, layout: this.layout(plain) };
    return { data: data.map((trace) => this.trace(trace)), layout: this.layout(plain) };
  }

  inked(part) {
    return { ...part, font: { ...part?.font, color: this.ink } };
  }

  layout(layout) {
    const { ink } = this;
    const drawn = { ...layout, font: { ...layout.font, color: ink }, legend: this.inked(layout.legend) };
    drawn.annotations = layout.annotations?.map((a) => ({ ...this.inked(a), arrowcolor: ink }));
    for (const name of Object.keys({ xaxis: 1, yaxis: 1, ...layout }).filter((n) => /^[xy]axis\d*$/.test(n))) {
      const axis = layout[name] ?? {};
      const title = typeof axis.title === "string" ? { text: axis.title } : axis.title;
      drawn[name] = {
        ...axis, title: title && this.inked(title), tickfont: { ...axis.tickfont, color: ink },
        gridcolor: GRID, linecolor: GRID, zerolinecolor: ink,
      };
    }
    return drawn;
  }

  trace(trace) {
    if (!trace.text) return trace;
    const font = (given) => ({ ...given, color: this.ink });
    const scattered = trace.type?.startsWith("scatter") && { textfont: font(trace.textfont) };
    return { ...trace, outsidetextfont: font(trace.outsidetextfont), ...scattered };
  }
}

// Lists that say the same stay the same: plotly computes anew whatever is another object.
function kept(before, now) {
  if (Array.isArray(now)) return Array.isArray(before) && JSON.stringify(before) === JSON.stringify(now) ? before : now;
  if (now === null || typeof now !== "object" || before === null || typeof before !== "object") return now;
  return Object.fromEntries(Object.entries(now).map(([name, value]) => [name, kept(before[name], value)]));
}

async function drawFigure(slot, part, screen) {
  const Plotly = await plotlyOf(screen.model);
  if (!slot.plot) {
    slot.title = make("p", { class: "title" });
    slot.plot = make("div", { role: "img", class: "prism-plot" });
    slot.open = make("div", { class: "prism-open", role: "group", "aria-label": "Open" });
    slot.element.replaceChildren(slot.title, slot.plot, slot.open);
  }
  if (slot.part?.height !== part.height) slot.plot.style.height = `${part.height}px`;
  slot.width ??= slot.plot.clientWidth;
  const before = slot.part;
  // The chart first, the words after it: each look of plotly at the page then costs its chart alone.
  if (before?.figure !== part.figure || before.opens.length !== part.opens.length) await paint(slot, part, screen, Plotly);
  slot.part = part;
  if (before?.title !== part.title) slot.title.textContent = part.title;
  if (before?.alt !== part.alt) slot.plot.setAttribute("aria-label", part.alt);
  if (JSON.stringify(before?.opens ?? []) !== JSON.stringify(part.opens)) drawOpens(slot, part.opens, screen);
  screen.widths.observe(slot.plot);
}

async function paint(slot, part, screen, Plotly) {
  screen.theme ??= new Theme(screen.root);
  const { data, layout } = screen.theme.figure(part.figure);
  // A click anywhere on the line of a bar opens it: some bars are too short to be hit.
  if (part.opens.length) layout.hovermode = "y";
  slot.data = data.map((trace, n) => kept(slot.data?.[n] ?? null, trace));
  await Plotly.react(slot.plot, slot.data, { ...layout, width: slot.width }, CONFIG);
}

function drawOpens(slot, opens, screen) {
  slot.plot.classList.toggle("prism-clickable", opens.length > 0);
  if (opens.length && !slot.heard) {
    slot.heard = true;
    slot.plot.on("plotly_click", ({ points, event }) => {
      const found = slot.part.opens.find(({ bar }) => bar === points[0]?.y);
      if (found) screen.open(found.values, event);
    });
  }
  slot.open.replaceChildren(...(opens.length ? [make("span", {}, "Open")] : []), ...opens.map(({ text, name, values }) =>
    make("button", { type: "button", "aria-label": name, onclick: (event) => screen.open(values, event) }, text)));
}

// --- the trail: how the reader came here, and the way back --------------------------------------

function drawTrail(slot, part, screen) {
  const steps = part.steps.map(({ text, values }, n) => make("li", {}, n < part.steps.length - 1
    ? make("button", { type: "button", onclick: (event) => screen.open(values, event) }, text)
    : make("span", { tabindex: "-1", "aria-current": "step" }, text)));
  slot.element.className = "prism-trail";
  slot.element.replaceChildren(make("nav", { "aria-label": "Opened" }, make("ol", {}, ...steps)), make("small", {}, part.hint));
}

// --- tables ----------------------------------------------------------------------------------

const quoted = (value) => {
  const text = value === null ? "" : String(value);
  const harmless = /^[=+@\t\r]|^-(?!\d*\.?\d+(e[-+]?\d+)?$)/i.test(text) ? `'${text}` : text; // no formula in a spreadsheet
  return /[",\n\r]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
};

function download(part) {
  const lines = [part.columns.map((c) => quoted(c.name)), ...part.rows.map((row) => row.map(quoted))];
  const file = new Blob([`${lines.map((line) => line.join(",")).join("\r\n")}\r\n`], { type: "text/csv" });
  const link = make("a", { href: URL.createObjectURL(file), download: `${part.slot}.csv` });
  link.click();
  URL.revokeObjectURL(link.href);
}

const compare = (a, b, isNumber) => {
  if (a === null || b === null) return (a === null) - (b === null); // what is missing stands last
  return isNumber ? Number(a) - Number(b) : String(a).localeCompare(String(b), undefined, { numeric: true });
};

function drawTable(slot, part) {
  const name = part.title || part.slot;
  slot.sort ??= { column: -1, way: 1 };
  slot.filter ??= "";
  const body = make("tbody");
  const fill = () => {
    const { column, way } = slot.sort;
    const wanted = slot.filter.toLowerCase();
    const order = part.cells.map((_, n) => n).filter((n) => !wanted || part.rows[n].join(" ").toLowerCase().includes(wanted));
    const sorts = (a, b) => {
      const last = (part.styles[a] === "total") - (part.styles[b] === "total");
      if (last) return last;
      const [x, y] = [part.rows[a][column], part.rows[b][column]];
      return x === null || y === null ? compare(x, y) : way * compare(x, y, part.columns[column].number);
    };
    if (column >= 0) order.sort(sorts);
    body.replaceChildren(...order.map((n) => {
      const row = make("tr", { class: part.styles[n] });
      part.cells[n].forEach((cell, c) => {
        const td = make("td", { class: part.columns[c].number ? "gt_right" : "gt_left" });
        td.innerHTML = cell; // escaped by `Column.html`
        row.append(td);
      });
      return row;
    }));
    heads.forEach((head, c) => head.setAttribute("aria-sort", c !== column ? "none" : way > 0 ? "ascending" : "descending"));
  };
  const heads = part.columns.map((column, c) => make("th", { scope: "col", class: column.number ? "gt_right" : "gt_left" },
    make("button", { type: "button", onclick: () => {
      slot.sort = { column: c, way: slot.sort.column === c ? -slot.sort.way : 1 };
      fill();
    } }, column.label)));
  const filter = make("input", { type: "search", placeholder: "Filter", "aria-label": `Filter ${name}`, oninput: (event) => {
    slot.filter = event.target.value;
    fill();
  } });
  filter.value = slot.filter;
  const note = make("p", { class: "note" });
  note.innerHTML = part.note;
  const tools = make("div", { class: "prism-tools" }, make("p", { class: "title" }, part.title), filter,
    make("button", { type: "button", "aria-label": `Download ${name} as CSV`, onclick: () => download(part) }, "CSV"));
  const table = make("table", { "aria-label": name }, make("thead", {}, make("tr", {}, ...heads)), body);
  const hadFocus = slot.element.contains(document.activeElement) && document.activeElement.type === "search";
  slot.element.replaceChildren(make("div", { class: "prism-table" }, tools, make("div", { class: "prism-scroll" }, table), note));
  fill();
  if (hadFocus) filter.focus();
}

// --- controls --------------------------------------------------------------------------------

const grouped = (value) => (typeof value === "number" ? value.toLocaleString("en-US", { maximumFractionDigits: 20 }) : value);
const said = (spec, value) => (spec.kind === "slider" && spec.zero && Number(value) === 0 ? spec.zero : `${grouped(value)}${spec.unit ? ` ${spec.unit}` : ""}`);
const WIDE = 15; // characters of number and unit that leave no room for the slider beside them
const initial = ({ kind, options, default: value, ...spec }) => {
  if (kind === "toggle") return value ? "on" : "off";
  if (kind === "choice") return options.find(([name]) => name === String(value))?.[1] ?? value;
  return kind === "slider" ? said({ kind, ...spec }, value) : String(value).slice(0, 80) || "empty";
};
let count = 0;

function control(spec, screen) {
  const id = `prism-${spec.name}-${(count += 1)}`;
  const move = (value, event) => screen.move(spec.name, value, event);
  const box = make("div", { class: `prism-control ${spec.kind}` });
  const label = make("label", { for: id, id: `${id}-label` }, spec.label);
  const reset = make("button", { type: "button", class: "reset", "aria-label": `Reset ${spec.label}`, title: `Reset to ${initial(spec)}`, onclick: (event) => {
    move(spec.default, event);
    input.focus(); // the button is gone
  } }, "↺");
  const note = make("small", { id: `${id}-note` });
  const shown = { box, spec };
  const parts = [label];
  let input;
  if (spec.kind === "slider") {
    const range = { min: spec.low, max: spec.high, step: spec.step };
    const heard = (event) => (Number.isFinite(parseFloat(event.target.value)) ? move(Number(event.target.value), event) : screen.show());
    box.classList.toggle("wide", `${spec.high}${spec.unit}`.length > WIDE);
    input = make("input", { type: "range", id, "aria-describedby": `${id}-note`, ...range, oninput: heard });
    const number = make("input", { type: "number", "aria-labelledby": `${id}-label`, ...range, onchange: heard });
    parts.push(make("span", { class: "reading" }, number, make("span", { class: "unit" }, spec.unit)), reset, input);
    const plain = { ...spec, zero: "" };
    const zero = spec.zero && spec.low <= 0 ? [`0 means ${spec.zero}.`] : [];
    note.textContent = [...(spec.help ? [spec.help] : []), ...zero, `Default: ${said(plain, spec.default)}`].join(" ");
    shown.set = (value) => {
      if (document.activeElement !== input || Number(input.value) !== Number(value)) input.value = value;
      number.value = value;
      input.setAttribute("aria-valuetext", said(spec, value));
    };
  } else if (spec.kind === "choice") {
    input = make("select", { id, onchange: (event) => move(event.target.value, event) }, ...spec.options.map(([value, text]) => make("option", { value }, text)));
    parts.push(reset, input);
    note.textContent = `${spec.help ? `${spec.help} ` : ""}Default: ${initial(spec)}`;
    shown.set = (value) => { input.value = String(value); };
  } else if (spec.kind === "toggle") {
    input = make("input", { type: "checkbox", id, onchange: (event) => move(event.target.checked, event) });
    parts.unshift(input);
    parts.push(reset);
    note.textContent = spec.help;
    shown.set = (value) => { input.checked = value; };
  } else {
    const heard = (event) => move(event.target.value, event);
    input = spec.rows > 1 ? make("textarea", { id, rows: spec.rows, spellcheck: "false", oninput: heard }) : make("input", { type: "text", id, spellcheck: "false", oninput: heard });
    parts.push(reset, input);
    note.textContent = spec.help;
    shown.set = (value) => { if (document.activeElement !== input) input.value = value; };
  }
  box.append(...parts, note);
  shown.reset = (value) => {
    const own = document.activeElement === input && spec.kind === "text";
    if (own && String(value) === String(spec.default)) input.value = spec.default;
  };
  const set = shown.set;
  shown.set = (value) => {
    set(value);
    reset.disabled = String(value) === String(spec.default);
  };
  return shown;
}

// --- the screen ------------------------------------------------------------------------------

class Panel {
  constructor(model, el) {
    this.model = model;
    this.slots = new Map();
    this.sequence = 0;
    this.waiting = null; // the input that the kernel works on
    this.next = null; // the last one since
    this.drawing = Promise.resolve();
    this.form = make("form", { class: "prism-controls", "aria-label": "Controls", onsubmit: (event) => event.preventDefault() });
    this.alert = make("p", { class: "prism-alert", role: "alert", hidden: true });
    this.said = make("p", { class: "prism-said", role: "status" });
    this.first = make("div", { class: "prism-first" });
    this.later = make("div", { class: "prism-later" });
    this.copied = make("pre", { "data-slot": "parameters", tabindex: "0", "aria-label": "Command that renders this state" });
    this.kind = make("select", { "aria-label": "Command", onchange: () => this.showCommand() }, make("option", { value: "report" }, "prism report"), make("option", { value: "papermill" }, "papermill"));
    this.copyButton = make("button", { type: "button", onclick: () => this.copy(this.copyButton) }, "Copy as parameters");
    const where = make("small", {}, "In the folder of the project, with its environment active.");
    const foot = make("div", { class: "prism-copy" }, this.kind, this.copyButton, where, this.copied);
    const result = make("div", { class: "prism-result" }, this.alert, this.said, this.first, foot);
    this.root = make("div", { class: "prism prism-explore", "data-panel": model.get("notebook"), "data-sequence": "-1", "data-settled": "-2", "data-lm-suppress-shortcuts": true },
      make("div", { class: "prism-side" }, this.form, result), this.later);
    // JupyterLab takes arrow keys for itself, to go from cell to cell, unless it is kept from it.
    this.root.addEventListener("keydown", (event) => {
      event.stopPropagation();
      const { key, ctrlKey, metaKey } = event;
      if (key !== "s" || !(ctrlKey || metaKey)) return;
      event.preventDefault();
      el.dispatchEvent(new KeyboardEvent("keydown", { key, code: "KeyS", keyCode: 83, ctrlKey, metaKey, bubbles: true, cancelable: true }));
    });
    el.append(this.root);
    this.onMessage = (message) => this.take(message);
    this.onSpecs = () => this.build();
    model.on("msg:custom", this.onMessage);
    model.on("change:specs", this.onSpecs);
    this.themes = new MutationObserver(() => this.repaint());
    this.themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
    this.widths = new ResizeObserver((entries) => this.fit(entries));
    this.build();
    plotlyOf(model);
    model.send({ kind: "ready" });
  }

  leave() {
    clearTimeout(this.late);
    this.themes.disconnect();
    this.widths.disconnect();
    this.model.off("msg:custom", this.onMessage);
    this.model.off("change:specs", this.onSpecs);
    for (const slot of this.slots.values()) if (slot.plot) window.Plotly?.purge(slot.plot);
  }

  build() {
    this.values = { ...this.model.get("values") };
    const focused = this.controls?.find(({ box }) => box.contains(document.activeElement))?.spec.name;
    this.specs = this.model.get("specs");
    this.controls = this.specs.filter(({ kind }) => kind !== "place").map((spec) => control(spec, this));
    const groups = new Map();
    for (const { spec, box } of this.controls) {
      if (!groups.has(spec.group)) groups.set(spec.group, make("fieldset", {}, ...(spec.group ? [make("legend", {}, spec.group)] : [])));
      groups.get(spec.group).append(box);
    }
    const all = make("button", { type: "button", onclick: (event) => this.resetAll(event) }, "Reset all");
    this.form.replaceChildren(...groups.values(), make("div", { class: "prism-foot" }, all)); // stays in sight
    this.show();
    this.controls.find(({ spec }) => spec.name === focused)?.box.querySelector("input,select,textarea").focus();
  }

  show() {
    for (const { spec, set } of this.controls) set(this.values[spec.name]);
  }

  move(name, value, event) {
    this.values = { ...this.values, [name]: value };
    this.show();
    const moved = this.controls.find(({ spec }) => spec.name === name);
    if (event?.type === "click") moved.reset(value);
    this.say({ [name]: value }, name, event);
  }

  open(values, event) {
    const [name] = Object.keys(values);
    this.values = { ...this.values, ...values };
    this.say(values, name, event);
    this.next ? (this.next.isOpening = true) : (this.waiting.isOpening = true);
  }

  resetAll(event) {
    this.values = Object.fromEntries(this.specs.map((spec) => [spec.name, spec.default]));
    this.show();
    this.say(this.values, "all", event);
  }

  // One question at a time: what the hand does meanwhile is asked once, as it then stands.
  say(values, name, event) {
    const input = event?.timeStamp ? performance.timeOrigin + event.timeStamp : Date.now();
    this.next = { values: { ...this.next?.values, ...values }, name, input };
    this.hurry?.();
    if (!this.waiting || Date.now() - this.waiting.sent > PATIENCE_MS) this.send();
  }

  send() {
    this.waiting = this.next;
    this.next = null;
    clearTimeout(this.late);
    if (!this.waiting) return;
    this.late = setTimeout(() => this.fail(UNANSWERED), LATE_MS);
    this.waiting.sequence = this.sequence += 1;
    this.waiting.sent = Date.now();
    this.model.send({ kind: "input", sequence: this.sequence, values: this.waiting.values });
  }

  take(message) {
    if (message.kind === "plotly") return;
    const received = performance.timeOrigin + performance.now();
    this.sequence = Math.max(this.sequence, message.sequence); // of another view of the same panel
    this.drawing = this.drawing.then(() => this.draw(message, received)).catch((error) => this.fail(`could not be drawn: ${error}, this is a defect`))
      .then(() => this.answered(message));
  }

  // The next question goes out, whatever became of the last one.
  answered(message) {
    if (message.kind === "drawn" && this.waiting?.sequence === message.sequence) this.send();
  }

  fail(text, isStale = Boolean(text)) {
    this.alert.textContent = text;
    this.alert.hidden = !text;
    this.root.classList.toggle("stale", isStale);
  }

  async draw(message, received) {
    if (message.kind === "settled") {
      for (const [name, slot] of this.slots) {
        if (!message.order.includes(name)) this.drop(name, slot);
      }
      this.arrange(this.later, message.order.filter((name) => this.slots.get(name)?.element.parentElement === this.later));
      this.root.dataset.settled = message.sequence;
      return;
    }
    if (message.kind === "failed") {
      this.fail(message.error, false);
      return;
    }
    const place = message.kind === "drawn" ? this.first : this.later;
    const had = this.first.contains(document.activeElement);
    const isStale = () => message.kind === "part" && message.sequence < this.sequence; // comes again
    if (isStale()) return;
    if (message.kind === "part") await this.pause();
    if (isStale()) return;
    const charts = message.parts.filter(({ kind }) => kind === "figure");
    for (const part of [...charts, ...message.parts.filter((part) => !charts.includes(part))]) await this.fill(part, place);
    if (message.kind !== "drawn") return;
    this.fail(message.error);
    const values = { ...message.values, ...this.next?.values };
    // A slider that another one has pushed moves unasked: who does not see it is told.
    this.said.textContent = this.controls.filter(({ spec: { name } }) => this.values[name] !== values[name])
      .map(({ spec }) => `${spec.label}: ${said(spec, values[spec.name])}`).join(", ");
    this.values = values;
    this.show();
    this.commands = message.commands;
    this.showCommand();
    if (!message.error) this.keepOnly(message.parts.map(({ slot }) => slot));
    // What was opened is gone with its button: the focus goes to where the reader is now.
    const asked = this.waiting;
    if (asked?.isOpening && had && !this.first.contains(document.activeElement)) this.first.querySelector("[aria-current]")?.focus();
    this.root.dataset.sequence = message.sequence;
    if (asked?.sequence === message.sequence) {
      const bytes = message.parts.reduce((sum, part) => sum + JSON.stringify(part).length, 0);
      const { analysis_ms, figure_ms } = message;
      (window.prismTimings ??= []).push({ control: asked.name, input: asked.input, received, drawn: performance.timeOrigin + performance.now(), analysis_ms, figure_ms, bytes });
    }
  }

  // What lies below is drawn when the page has nothing else to do, or the hand moves on.
  pause() {
    return new Promise((resolve) => {
      this.hurry = resolve;
      requestIdleCallback(resolve, { timeout: 200 });
    });
  }

  // The first phase shows these slots, in this order; what else stood there gives way at once.
  keepOnly(names) {
    for (const [name, slot] of this.slots) {
      if (slot.element.parentElement === this.first && !names.includes(name)) this.drop(name, slot);
    }
    this.arrange(this.first, names);
  }

  arrange(place, names) {
    names.forEach((name, n) => {
      const { element } = this.slots.get(name);
      if (place.children[n] !== element) place.insertBefore(element, place.children[n] ?? null);
    });
  }

  drop(name, slot) {
    if (slot.plot) {
      this.widths.unobserve(slot.plot);
      window.Plotly?.purge(slot.plot);
    }
    slot.element.remove();
    this.slots.delete(name);
  }

  async fill(part, place) {
    let slot = this.slots.get(part.slot);
    if (!slot || slot.kind !== part.kind) {
      if (slot) this.drop(part.slot, slot);
      slot = { kind: part.kind, element: make("section", { "data-slot": part.slot }) };
      this.slots.set(part.slot, slot);
    }
    if (slot.element.parentElement !== place) place.append(slot.element);
    if (part.kind === "figure") await drawFigure(slot, part, this);
    else if (part.kind === "table") drawTable(slot, part);
    else if (part.kind === "trail") drawTrail(slot, part, this);
    else {
      slot.element.className = part.style;
      slot.element.innerHTML = part.html; // escaped where it is made
    }
  }

  async repaint() {
    const Plotly = await plotlyOf(this.model);
    this.theme = new Theme(this.root);
    for (const slot of this.slots.values()) if (slot.part) paint(slot, slot.part, this, Plotly);
  }

  // A chart that is as wide as its place was drawn for is not drawn again.
  fit(entries) {
    for (const { target, contentRect: { width } } of entries) {
      const slot = [...this.slots.values()].find(({ plot }) => plot === target);
      if (!slot || !width || Math.abs(slot.width - width) < 1) continue;
      slot.width = Math.floor(width);
      window.Plotly.relayout(slot.plot, { width: slot.width });
    }
  }

  showCommand() {
    this.copied.textContent = this.commands?.[this.kind.value] ?? "";
    this.copyButton.disabled = !this.copied.textContent;
  }

  async copy(button) {
    // A page that is not read from this machine or by https may not write what is copied.
    if (navigator.clipboard) await navigator.clipboard.writeText(this.copied.textContent);
    else getSelection().selectAllChildren(this.copied);
    button.textContent = navigator.clipboard ? "Copied" : "Selected: press Ctrl+C";
    setTimeout(() => { button.textContent = "Copy as parameters"; }, 1500);
  }
}

export default {
  render({ model, el }) {
    const panel = new Panel(model, el);
    return () => panel.leave();
  },
};
