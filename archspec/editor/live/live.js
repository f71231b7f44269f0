"use strict";
const at = id => document.getElementById(id);
let state = {version: 0}, wait = 0;

const query = variant => {
  const asked = new URLSearchParams(variant ? {variant} : {});
  for (const input of at("params").elements)
    if (input.type === "range" && input.value !== input.dataset.own) asked.set(input.name, input.value);
  return asked;
};

const get = async path => {
  const answer = await fetch(path);
  return {ok: answer.ok, ...await answer.json()};
};

async function counts() {
  const found = await get("counts?" + query(at("left").value));
  at("counts").textContent = found.ok
    ? `${found.params} parameters · ${found.macs} MACs · depth ${found.depth} · ${found.output}`
    : found.error.split("\n")[0];
}

function pictures() {
  for (const side of ["left", "right"]) {
    const frame = at("picture-" + side), variant = at(side).value;
    frame.hidden = side === "right" && !variant;
    if (frame.hidden || !state.picture) continue;
    const asked = query(variant);
    asked.set("version", state.version);
    frame.src = "picture?" + asked;
  }
}

function options(select, names, chosen) {
  const kept = select.value;
  select.replaceChildren(...names.map(name => new Option(name || "none", name)));
  select.value = names.includes(kept) ? kept : chosen;
  select.parentElement.hidden = names.length < 2;
}

function slider(param) {
  const label = document.createElement("label"), input = document.createElement("input");
  const shown = document.createElement("output"), size = Math.abs(param.value) || 1;
  Object.assign(input, {type: "range", name: param.name, title: param.about, min: param.whole ? Math.min(1, param.value) : 0,
    max: param.whole ? Math.max(4, 4 * param.value) : 4 * size, step: param.whole ? 1 : "any", value: param.value});
  input.dataset.own = input.value;
  shown.textContent = param.value;
  input.oninput = () => {
    shown.textContent = param.whole ? input.value : Number(input.value).toPrecision(3);
    counts();
    clearTimeout(wait);
    wait = setTimeout(pictures, 300);
  };
  label.append(param.name, input, shown);
  return label;
}

function show(now) {
  const params = JSON.stringify(now.params);
  if (params !== JSON.stringify(state.params)) at("params").replaceChildren(...now.params.map(slider));
  state = now;
  document.title = at("file").textContent = now.file;
  at("outcome").className = now.fine ? "fine" : "wrong";
  at("outcome").textContent = now.fine ? "ok" : now.picture ? "wrong: the picture is of the last text that was whole" : "wrong";
  at("messages").textContent = now.messages.join("\n\n");
  at("messages").hidden = !now.messages.length;
  at("params").hidden = !now.params.length;
  options(at("left"), now.variants, now.variant);
  options(at("right"), ["", ...now.variants], "");
  if (now.picture) counts();
  pictures();
}

at("left").onchange = at("right").onchange = () => { counts(); pictures(); };
at("params").onsubmit = event => event.preventDefault();

(async () => {
  for (;;) {
    try {
      const now = await get("state?since=" + state.version);
      if (now.version !== state.version) show(now);
    } catch (error) {
      at("outcome").className = "wrong";
      at("outcome").textContent = "archspec watch has ended";
      await new Promise(done => setTimeout(done, 1000));
    }
  }
})();
