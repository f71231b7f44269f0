"use strict";
(() => {
const data = JSON.parse(document.getElementById("atlas-data").textContent);
const root = document.documentElement;
const TRAINING = 1, FROZEN = 2;

/* What is known: nodes by address, and on which sheet each is drawn. */

const nodes = new Map();
(function read(row, parent) {
  const [name, what, takes, gives, params, macs, bits, file, first, last, spans, owner, children = []] = row;
  const address = parent && parent.address ? `${parent.address}.${name}` : parent ? name : "";
  const node = {
    address, name, parent, params, macs, bits, file, first, last, owner,
    what: data.texts[what], takes: data.texts[takes], gives: data.texts[gives], spans: data.spans[spans],
  };
  if (!nodes.has(address)) nodes.set(address, node);
  for (const child of children) read(child, node);
})(data.root, null);
const whole = nodes.get("");

const join = (block, own) => block && own ? `${block}.${own}` : block || own;
const within = (address, block) => block === "" || address === block || address.startsWith(`${block}.`);
const shorter = (address, block) => block && address.startsWith(`${block}.`) ? address.slice(block.length + 1) : address;
const entries = new Map();  // a block with a sheet of its own → that sheet, and which of its blocks it is
const homes = new Map();  // a node → the sheet that shows it, in which block, in which box
data.sheets.forEach((sheet, number) => {
  sheet.blocks.forEach((block, at) => {
    if (block) entries.set(block, {sheet: number, at});
    for (const [box] of sheet.boxes)
      for (const address of [...members(number, at, box), wholeOf(number, at, box)])
        if (address && !homes.has(address)) homes.set(address, {sheet: number, at, box});
  });
  for (const frame of sheet.frames) if (!homes.has(frame)) homes.set(frame, {sheet: number, at: 0, box: frame});
});

/** The nodes that a box shows in one of the blocks of its sheet; none where that block lacks them. */
function members(sheet, at, box) {
  const {boxes, blocks} = data.sheets[sheet];
  const [, usual, others = {}] = boxes.find(([id]) => id === box) || [box, []];
  return (others[at] || usual).map((own) => join(blocks[at], own));
}

/** The block that a box shows all of, if there is one: the box has its address. */
function wholeOf(sheet, at, box) {
  const {blocks} = data.sheets[sheet];
  const own = shorter(box, blocks.find((block) => within(box, block)));
  const address = join(blocks[at], own);
  return members(sheet, at, box).length && nodes.has(address) ? address : null;
}

/** Where an address is shown: on its own sheet, in a box, or where it is drawn open, in several. */
function place(address) {
  if (entries.has(address)) return {...entries.get(address), box: null, address};
  if (homes.has(address)) return {...homes.get(address), address};
  if (!address) return {sheet: 0, at: 0, box: null, address: ""};
  for (const [each, home] of homes) if (within(each, address)) return {...home, box: null, address};
  const node = nodes.get(address);
  return node ? {...place(node.parent.address), address} : place(address.slice(0, Math.max(0, address.lastIndexOf("."))));
}

/* The frame around the sheets. */

const make = (name, attributes = {}, ...inner) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  made.append(...inner);
  return made;
};

const find = make("input", {
  type: "search", placeholder: "Find a node ( / )", "aria-label": "Find a node by its address", role: "combobox",
  "aria-expanded": "false", "aria-controls": "atlas-found", "aria-autocomplete": "list", autocomplete: "off",
  spellcheck: "false", id: "atlas-find",
});
const found = make("ul", {id: "atlas-found", role: "listbox", "aria-label": "Nodes found", hidden: true});
const theme = make("button", {type: "button", id: "atlas-theme", onclick: switchTheme});
const tools = make("div", {id: "atlas-tools"},
  make("div", {id: "atlas-search", role: "search"}, find, found),
  make("button", {type: "button", id: "atlas-out", title: "Zoom out ( − )", "aria-label": "Zoom out", onclick: () => zoom(1 / 1.4)}, "−"),
  make("button", {type: "button", id: "atlas-fit", title: "Fit the sheet ( 0 )", "aria-label": "Fit the sheet", onclick: () => fit()}, "Fit"),
  make("button", {type: "button", id: "atlas-in", title: "Zoom in ( + )", "aria-label": "Zoom in", onclick: () => zoom(1.4)}, "+"),
  theme,
);
const crumbs = make("nav", {id: "atlas-crumbs", "aria-label": "Breadcrumb"});
const details = make("aside", {id: "atlas-details", "aria-label": "Details"});
const said = make("p", {class: "hidden", role: "status", id: "atlas-said"});
const main = document.getElementById("atlas-main");
document.getElementById("atlas-contents").before(tools);
document.getElementById("atlas-contents").before(crumbs);
main.after(details, said);

const sheets = data.sheets.map((_, number) => {
  const section = document.getElementById(`sheet-${number}`);
  const svg = section.querySelector("svg"), world = svg.querySelector(".world");
  const shapes = new Map();
  for (const shape of world.querySelectorAll("[data-a]")) {
    shapes.set(shape.dataset.a, shape);
    if (shape.classList.contains("door")) shape.setAttribute("href", `#${members(number, 0, shape.dataset.a)[0] || shape.dataset.a}`);
  }
  svg.setAttribute("tabindex", "-1");
  return {section, svg, world, shapes, k: 1, x: 0, y: 0, seen: false};
});
const files = data.files.map((_, number) => document.getElementById(`file-${number}`));
const links = [...document.querySelectorAll("#atlas-contents a")];
root.classList.add("live");

/* Where the reader is. */

let here = {sheet: 0, at: 0, box: null, address: ""};
let file = null;

function show(target, {push = true, focus = false, reveal = false} = {}) {
  const moved = file !== null || target.sheet !== here.sheet || target.at !== here.at;
  const left = here;
  here = target;
  file = null;
  expose(sheets[here.sheet].section, `sheet-${here.sheet}`);
  mark();
  drawCrumbs();
  drawDetails(here.address);
  if (!view().seen) begin();
  if (push) remember(here.address, moved);
  document.title = here.address ? `${here.address} · ${data.title}` : data.title;
  if (moved) said.textContent = spoken();
  const {svg} = sheets[here.sheet];
  const shape = here.box !== null ? shapeOf(here.box) : null;
  if (reveal && shape) bring(shape);
  if (focus) (shape || back(left) || svg).focus({preventScroll: true});
}

/** Coming out of a block, the shape of it. */
function back(left) {
  for (let address = left.address; address; address = address.slice(0, Math.max(0, address.lastIndexOf(".")))) {
    const home = homes.get(address);
    if (home && home.sheet === here.sheet && home.at === here.at) return shapeOf(home.box);
  }
  return null;
}

const shapeOf = (box) => sheets[here.sheet].shapes.get(box);
const blockHere = () => data.sheets[here.sheet].blocks[here.at];

function go(address, options) {
  show(place(address), options);
}

function expose(section, name) {
  for (const each of document.querySelectorAll("section")) each.classList.toggle("shown", each === section);
  for (const link of links)
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
}

function remember(name, push) {
  const target = `#${name}`;
  if (decodeURIComponent(location.hash) === target || (!name && !location.hash)) return;
  history[push ? "pushState" : "replaceState"](null, "", target);
}

function spoken() {
  const {title, blocks} = data.sheets[here.sheet];
  const block = blockHere();
  return block ? `${title}, ${block}${blocks.length > 1 ? `, block ${here.at + 1} of ${blocks.length}` : ""}` : `${title}, the network`;
}

/** Follow a fragment: an address, a sheet, or lines of a file. */
function follow(fragment, options) {
  const lines = /^file-(\d+)(?::(\d+)-(\d+))?$/.exec(fragment), sheet = /^sheet-(\d+)$/.exec(fragment);
  if (lines && files[lines[1]]) openFile(+lines[1], lines[2] && +lines[2], lines[3] && +lines[3], options);
  else if (sheet && data.sheets[sheet[1]]) go(data.sheets[sheet[1]].blocks[0], options);
  else go(fragment, options);
}

function openFile(number, first, last, {push = true, focus = false} = {}) {
  file = number;
  const name = `file-${number}`;
  expose(files[number], name);
  drawCrumbs();
  if (!details.firstChild) drawDetails(here.address);
  const pre = files[number].querySelector("pre");
  for (const band of pre.querySelectorAll(".band")) band.remove();
  if (first) {
    const band = make("div", {class: "band"});
    const height = parseFloat(getComputedStyle(pre).lineHeight), top = pre.querySelector("code").offsetTop;
    band.style.top = `${top + (first - 1) * height}px`;
    band.style.height = `${(last - first + 1) * height}px`;
    pre.append(band);
    pre.scrollTop = top + (first - 1) * height - pre.clientHeight / 3;
  }
  if (push) remember(first ? `${name}:${first}-${last}` : name, true);
  document.title = `${data.files[number]} · ${data.title}`;
  said.textContent = data.files[number] + (first ? `, line ${first}` : "");
  if (focus) pre.focus({preventScroll: true});
}

/** One step out: from a box to its sheet, from a sheet to the one around it. */
function out() {
  if (file !== null) return show(here, {focus: true});
  const block = blockHere();
  if (here.box !== null || here.address !== block) {
    const shape = here.box !== null ? shapeOf(here.box) : null;
    show({...here, box: null, address: block});
    return (shape || sheets[here.sheet].svg).focus({preventScroll: true});
  }
  if (!block) return undefined;
  const home = homes.get(block);
  const around = home ? data.sheets[home.sheet].blocks[home.at] : "";
  return go(around, {focus: true});
}

function mark() {
  for (const {shapes} of sheets)
    for (const shape of shapes.values()) {
      shape.classList.remove("chosen", "lit");
      shape.removeAttribute("aria-current");
    }
  const {shapes} = sheets[here.sheet];
  if (here.box !== null && shapes.has(here.box)) {
    shapes.get(here.box).classList.add("chosen");
    shapes.get(here.box).setAttribute("aria-current", "true");
  } else if (here.address && here.address !== blockHere())
    for (const [box] of data.sheets[here.sheet].boxes)
      if (members(here.sheet, here.at, box).some((each) => within(each, here.address))) shapes.get(box).classList.add("lit");
}

function drawCrumbs() {
  const way = [];
  for (let block = blockHere(); block; ) {
    way.unshift([block, data.sheets[entries.get(block).sheet].title]);
    const home = homes.get(block);
    block = home ? data.sheets[home.sheet].blocks[home.at] : "";
  }
  way.unshift(["", data.title]);
  const last = here.address !== blockHere() ? [[here.address, ""]] : [];
  const items = [...way, ...last].map(([address, title], number, all) => {
    const text = address ? shorter(address, number ? all[number - 1][0] : "") : title;
    const inner = [text, ...(address && title ? [make("small", {}, ` ${title}`)] : [])];
    return make("li", {}, number === all.length - 1 && file === null
      ? make("span", {"aria-current": "location"}, ...inner) : make("a", {href: `#${address}`}, ...inner));
  });
  if (file !== null) items.push(make("li", {}, make("span", {"aria-current": "location"}, data.files[file])));
  crumbs.replaceChildren(make("ol", {}, ...items));
}

/* What is told of a node. */

const counted = (count) => typeof count === "number" ? count.toLocaleString("en-US") : count;
function share(count, all) {
  if (typeof count !== "number" || typeof all !== "number" || !count || count === all) return [];
  const part = 100 * count / all;
  return [" ", make("small", {}, part < 0.01 ? "< 0.01 %" : `${part >= 10 ? part.toFixed(0) : part.toPrecision(2)} %`)];
}

function drawDetails(address) {
  const node = nodes.get(address) || whole;
  const parts = [picker(), make("h2", {}, node.address || data.title), make("p", {}, node.address ? node.what : data.name)];
  const facts = [
    ["Input", node.takes], ["Output", node.gives || "scalar"],
    ["Parameters", counted(node.params), ...share(node.params, whole.params)],
    ["MACs", counted(node.macs), ...share(node.macs, whole.macs)],
    ...(node.owner ? [["Weights", `those of ${join(node.parent.address, node.owner)}`]] : []),
    ...(node.bits & TRAINING ? [["Runs", "in training only"]] : []),
    ...(node.bits & FROZEN ? [["Trains", "no: frozen"]] : []),
  ];
  if (entries.has(address)) facts.push(...symbols(entries.get(address)));
  parts.push(make("dl", {}, ...facts.flatMap(([term, ...value]) => [make("dt", {}, term), make("dd", {}, ...value)])));
  const door = [address, ...boxOf(address)].find((each) => entries.has(each));
  if (door && address !== blockHere())
    parts.push(make("button", {type: "button", onclick: () => go(door, {focus: true})},
      `Open ${data.sheets[entries.get(door).sheet].title}`));
  parts.push(...together(node));
  parts.push(...excerpt("Spec", node.file, [[node.first, node.last]]));
  parts.push(...excerpt("Source", data.files.length - 1, node.spans));
  details.replaceChildren(...parts.filter(Boolean));
  details.scrollTop = 0;
}

/** Which of the blocks that a sheet shows is meant. */
function picker() {
  const {blocks, title} = data.sheets[here.sheet];
  if (blocks.length < 2) return null;
  const to = (at) => {
    const own = here.box !== null ? wholeOf(here.sheet, at, here.box) || members(here.sheet, at, here.box)[0] : null;
    if (own) show({...here, at, address: own});
    else go(blocks[at]);
    document.getElementById("atlas-which").focus();
  };
  const step = (text, label, at) => make("button",
    {type: "button", "aria-label": label, title: label, disabled: !blocks[at], onclick: () => to(at)}, text);
  const choice = make("select", {id: "atlas-which", "aria-label": `Which ${title}`, onchange: (event) => to(event.target.selectedIndex)},
    ...blocks.map((block, at) => make("option", {selected: at === here.at}, `${block} (${at + 1} of ${blocks.length})`)));
  return make("div", {id: "atlas-block"}, step("‹", "Previous block", here.at - 1), choice, step("›", "Next block", here.at + 1));
}

function symbols({sheet, at}) {
  const {headers = [], values = []} = data.sheets[sheet];
  return headers.map((header, number) => [header, (values[at] || [])[number]])
    .filter(([header, value]) => value && header !== "output")
    .map(([header, value]) => [header, {"•": "yes", "–": "no"}[value] || value]);
}

/** All nodes of the box in which a node is drawn. */
function boxOf(address) {
  const home = homes.get(address);
  return home ? members(home.sheet, home.at, home.box) : [];
}

/** The nodes of a box that stands for several. */
function together(node) {
  const all = node.address === blockHere() ? [] : boxOf(node.address);
  if (all.length < 2) return [];
  return [make("h3", {}, "Drawn as one box"), make("ul", {}, ...all.map((address) => make("li", {},
    make("a", {href: `#${address}`, "aria-current": address === node.address ? "true" : null},
      shorter(address, blockHere()), make("span", {}, nodes.get(address).what)))))];
}

const texts = files.map((section) => section.querySelector("code").textContent.split("\n"));
const MOST = 16;

function excerpt(title, number, spans) {
  const parts = [];
  for (const [first, last] of spans) {
    const end = Math.min(last, first + MOST - 1);
    const lines = texts[number].slice(first - 1, end);
    const margin = Math.min(...lines.filter((line) => line.trim()).map((line) => line.search(/\S/)));
    const code = make("code", {}, ...lines.map((line, at) => make("span", {"data-line": first + at}, `${line.slice(margin)}\n`)));
    if (end < last) code.append(make("span", {"data-line": "⋮"}));
    parts.push(make("h3", {}, `${title}: `, make("a", {href: `#file-${number}:${first}-${last}`},
      `${data.files[number]}, ${first === last ? `line ${first}` : `lines ${first}–${last}`}`)), make("pre", {}, code));
  }
  return parts;
}

/* Zoom and pan. */

const LARGEST = 1.9, READABLE = 0.5;
const view = () => sheets[here.sheet];

function settle(glide = false) {
  const sheet = view();
  const {width, height} = sheet.svg.viewBox.baseVal;
  sheet.k = Math.min(24, Math.max(0.5, sheet.k));
  const room = (size) => [size * 0.2 - size * sheet.k, size * 0.8];
  const clamp = (value, [low, high]) => Math.min(high, Math.max(low, value));
  sheet.x = clamp(sheet.x, room(width));
  sheet.y = clamp(sheet.y, room(height));
  sheet.world.classList.toggle("gliding", glide);
  sheet.world.style.transform = `translate(${sheet.x}px,${sheet.y}px) scale(${sheet.k})`;
}

function pointOf(svg, x, y) {
  return new DOMPoint(x, y).matrixTransform(svg.getScreenCTM().inverse());
}

function middle(svg) {
  const at = svg.getBoundingClientRect();
  return pointOf(svg, at.x + at.width / 2, at.y + at.height / 2);
}

function zoom(factor, at = middle(view().svg), glide = true) {
  const sheet = view(), before = sheet.k;
  sheet.k = Math.min(24, Math.max(0.5, sheet.k * factor));
  sheet.x = at.x - (at.x - sheet.x) * sheet.k / before;
  sheet.y = at.y - (at.y - sheet.y) * sheet.k / before;
  settle(glide);
}

/** The whole sheet, or where that would be too small to be read, as on a phone, where a reader begins. */
function begin() {
  fit(false);
  const {svg} = view(), scale = svg.getScreenCTM().a;
  if (scale >= READABLE) return;
  const frame = svg.getBoundingClientRect(), corner = pointOf(svg, frame.x, frame.y);
  Object.assign(view(), {k: 1.5 * READABLE / scale, x: corner.x, y: corner.y});
  settle();
}

/** The whole sheet, though not so large that a small one shouts. */
function fit(glide = true) {
  const sheet = view(), {width, height} = sheet.svg.viewBox.baseVal;
  const k = Math.min(1, LARGEST / sheet.svg.getScreenCTM().a);
  Object.assign(sheet, {k, x: width * (1 - k) / 2, y: height * (1 - k) / 2, seen: true});
  settle(glide);
}

function pan(x, y, glide) {
  const sheet = view(), scale = sheet.svg.getScreenCTM().a;
  sheet.x += x / scale;
  sheet.y += y / scale;
  settle(glide);
}

/** Show a shape in the middle, large enough to be read, unless it is so already. */
function bring(shape) {
  const {svg} = view(), frame = svg.getBoundingClientRect(), at = shape.getBoundingClientRect();
  const scale = svg.getScreenCTM().a * view().k;
  const inside = at.left >= frame.left && at.right <= frame.right && at.top >= frame.top && at.bottom <= frame.bottom;
  if (inside && scale > 0.7) return;
  if (scale <= 0.7) zoom(1 / scale, pointOf(svg, at.x + at.width / 2, at.y + at.height / 2), false);
  const now = shape.getBoundingClientRect();
  pan(frame.x + frame.width / 2 - now.x - now.width / 2, frame.y + frame.height / 2 - now.y - now.height / 2, false);
}

for (const {svg} of sheets) {
  const pointers = new Map();
  let dragged = false;
  svg.addEventListener("wheel", (event) => {
    event.preventDefault();
    const lines = event.deltaY * (event.deltaMode ? 16 : 1);
    zoom(Math.exp(-lines * (event.ctrlKey ? 0.01 : 0.0016)), pointOf(svg, event.clientX, event.clientY), false);
  }, {passive: false});
  svg.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    if (!pointers.size) dragged = false;
    pointers.set(event.pointerId, {x: event.clientX, y: event.clientY, from: {x: event.clientX, y: event.clientY}});
  });
  svg.addEventListener("pointermove", (event) => {
    const pointer = pointers.get(event.pointerId);
    if (!pointer) return;
    const before = [...pointers.values()].map(({x, y}) => ({x, y}));
    const step = {x: event.clientX - pointer.x, y: event.clientY - pointer.y};
    if (!dragged && Math.hypot(event.clientX - pointer.from.x, event.clientY - pointer.from.y) < 5) return;
    if (!dragged) svg.setPointerCapture(event.pointerId);
    dragged = true;
    svg.classList.add("moving");
    pointer.x = event.clientX;
    pointer.y = event.clientY;
    if (pointers.size === 1) return pan(step.x, step.y, false);
    const after = [...pointers.values()];
    const spread = ([one, other]) => Math.hypot(one.x - other.x, one.y - other.y) || 1;
    const centre = ([one, other]) => ({x: (one.x + other.x) / 2, y: (one.y + other.y) / 2});
    const [was, is] = [centre(before), centre(after)];
    pan(is.x - was.x, is.y - was.y, false);
    zoom(spread(after) / spread(before), pointOf(svg, is.x, is.y), false);
  });
  const lift = (event) => {
    pointers.delete(event.pointerId);
    if (!pointers.size) svg.classList.remove("moving");
  };
  svg.addEventListener("pointerup", lift);
  svg.addEventListener("pointercancel", lift);
  svg.addEventListener("dragstart", (event) => event.preventDefault());
  svg.addEventListener("click", (event) => {
    event.preventDefault();
    if (dragged) return void (dragged = false);
    const shape = event.target.closest("[data-a]");
    if (shape) choose(shape);
    else if (here.box !== null) show({...here, box: null, address: blockHere()});
  });
  svg.addEventListener("focusin", (event) => {
    const shape = event.target.closest("[data-a]");
    if (!shape || !shape.matches(":focus-visible")) return;
    drawDetails(shape.dataset.a === here.box ? here.address : addressOf(shape));
    bring(shape);
  });
}

/** The address that a shape stands for, in the block that is looked at. */
function addressOf(shape) {
  const box = shape.dataset.a;
  return wholeOf(here.sheet, here.at, box) || members(here.sheet, here.at, box)[0] || box;
}

/** A block is gone into, anything else is told of. */
function choose(shape) {
  const inside = members(here.sheet, here.at, shape.dataset.a)[0] || shape.dataset.a;
  const address = entries.has(inside) ? inside : addressOf(shape);
  go(address, {focus: place(address).sheet !== here.sheet});
}

/* Keys. */

const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target.closest("input,select")) return;
  const shape = event.target.closest("[data-a]");
  const key = event.key;
  if (key === "/") find.focus();
  else if (key === "Backspace" || key === "Escape") out();
  else if ((key === "+" || key === "=") && file === null) zoom(1.4);
  else if ((key === "-" || key === "−") && file === null) zoom(1 / 1.4);
  else if (key === "0" && file === null) fit();
  else if ((key === "Enter" || key === " ") && shape) choose(shape);
  else if (ARROWS[key] && file === null && !event.target.closest("aside,header")) arrow(ARROWS[key], shape, event.shiftKey);
  else return;
  event.preventDefault();
});

/** To the next shape in a direction; with Shift, or from none, the sheet is moved. */
function arrow([x, y], shape, shifted) {
  if (shifted) return pan(-60 * x, -60 * y, true);
  const centre = (each) => {
    const at = each.getBoundingClientRect();
    return [at.x + at.width / 2, at.y + at.height / 2];
  };
  const all = [...view().shapes.values()].filter((each) => each.classList.contains("node"));
  if (!shape) return all.length ? focusVisibly(all[0]) : undefined;
  const [fromX, fromY] = centre(shape);
  let best = null, least = Infinity;
  for (const each of all) {
    const [toX, toY] = centre(each), along = (toX - fromX) * x + (toY - fromY) * y;
    const across = Math.abs((toX - fromX) * y) + Math.abs((toY - fromY) * x);
    if (along > 2 && along + 2.5 * across < least) [best, least] = [each, along + 2.5 * across];
  }
  return best ? focusVisibly(best) : undefined;
}

const focusVisibly = (shape) => shape.focus({preventScroll: true, focusVisible: true});

/* Search. */

let results = [], picked = -1;

function search() {
  const words = find.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const score = (node) => {
    const address = node.address.toLowerCase(), what = node.what.toLowerCase();
    let sum = address.length / 1000;
    for (const word of words) {
      const at = address.indexOf(word);
      if (at < 0 && !what.includes(word)) return Infinity;
      sum += address === word ? 0 : at === 0 ? 1 : at > 0 && /[._]/.test(address[at - 1]) ? 2 : at > 0 ? 3 : 4;
    }
    return sum;
  };
  results = words.length ? [...nodes.values()].filter((node) => node.address).map((node) => [score(node), node])
    .filter(([sum]) => sum < Infinity).sort(([one], [other]) => one - other).slice(0, 60).map(([, node]) => node) : [];
  picked = results.length ? 0 : -1;
  drawFound();
}

function drawFound() {
  const open = Boolean(find.value.trim());
  found.hidden = !open;
  find.setAttribute("aria-expanded", String(open));
  if (picked >= 0) find.setAttribute("aria-activedescendant", `atlas-found-${picked}`);
  else find.removeAttribute("aria-activedescendant");
  found.replaceChildren(...results.map((node, number) => make("li",
    {role: "option", id: `atlas-found-${number}`, "aria-selected": String(number === picked), onpointerdown: (event) => event.preventDefault(), onclick: () => take(node)},
    node.address, make("span", {}, node.what))));
  if (open && !results.length) found.append(make("li", {role: "option", "aria-disabled": "true"}, "No node has this in its address."));
  if (picked >= 0) found.children[picked].scrollIntoView({block: "nearest"});
}

function take(node) {
  find.value = "";
  results = [];
  picked = -1;
  drawFound();
  go(node.address, {focus: true, reveal: true});
}

find.addEventListener("input", search);
find.addEventListener("blur", () => { found.hidden = true; find.setAttribute("aria-expanded", "false"); });
find.addEventListener("focus", () => { if (find.value.trim()) search(); });
find.addEventListener("keydown", (event) => {
  const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
  if (step && results.length) picked = (picked + step + results.length) % results.length;
  else if (event.key === "Enter" && results[picked]) return void (event.preventDefault(), take(results[picked]));
  else if (event.key === "Escape") {
    if (!find.value) view().svg.focus({preventScroll: true});
    find.value = "";
    results = [];
    picked = -1;
  } else return;
  event.preventDefault();
  drawFound();
});

/* Light and dark. */

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : prefersDark.matches;

function switchTheme() {
  root.dataset.theme = isDark() ? "light" : "dark";
  keep("archspec-theme", root.dataset.theme);
  nameTheme();
}

function nameTheme() {
  theme.textContent = isDark() ? "Light" : "Dark";
  theme.setAttribute("aria-label", `Switch to ${isDark() ? "light" : "dark"} colours`);
}

/** Storage is closed to some pages: then nothing is kept. */
function keep(name, value) {
  try {
    if (value === undefined) return localStorage.getItem(name);
    localStorage.setItem(name, value);
  } catch { /* nothing is kept */ }
  return null;
}

if (!root.dataset.theme && ["light", "dark"].includes(keep("archspec-theme"))) root.dataset.theme = keep("archspec-theme");
prefersDark.addEventListener("change", nameTheme);
nameTheme();

/* Links, and the way there. */

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  follow(decodeURIComponent(link.getAttribute("href").slice(1)), {focus: true, reveal: true});
});
const arrive = () => follow(decodeURIComponent(location.hash.slice(1)), {push: false, reveal: true});
addEventListener("popstate", arrive);
arrive();
})();
