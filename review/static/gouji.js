// The one script of the pages: keys, live sums, the page beside the form. Without it reading works, answering does not.
"use strict";
(() => {
  const body = document.body;
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---------- Talking to the server ----------
  let noticeTimer = 0;
  function notify(text, bad = false) {
    const notice = one("#notice");
    notice.textContent = text;
    notice.classList.toggle("bad", bad);
    notice.hidden = false;
    clearTimeout(noticeTimer);
    noticeTimer = setTimeout(() => { notice.hidden = true; }, bad ? 6000 : 2200);
  }

  // Gives the response, or null where it failed; what failed is said to the person.
  let lastStatus = 0;
  async function send(path, data) {
    let response;
    lastStatus = 0;
    try {
      response = await fetch(path, {
        method: "POST", credentials: "same-origin", redirect: "error", keepalive: true,
        headers: { "Content-Type": "application/json", "X-CSRF-Token": body.dataset.csrf },
        body: JSON.stringify(data),
      });
    } catch {
      notify(body.dataset.lost, true);
      return null;
    }
    lastStatus = response.status;
    if (response.ok) return response;
    const json = (response.headers.get("Content-Type") || "").includes("json");
    const detail = json ? (await response.json()).detail : "";
    notify(response.status === 401 ? body.dataset.ended : typeof detail === "string" && detail ? detail : body.dataset.failed, true);
    return null;
  }

  // ---------- Exact sums: decimals as whole numbers of BigInt with a scale ----------
  const NUMBER = /^-?\d{1,18}(\.\d{1,8})?$/;
  function parse(text) {
    if (typeof text !== "string" || !NUMBER.test(text)) return null;
    const [whole, part = ""] = text.split(".");
    return { n: BigInt(whole + part), s: part.length };
  }
  function add(a, b, sign = 1n) {
    const s = Math.max(a.s, b.s);
    return { n: a.n * 10n ** BigInt(s - a.s) + sign * b.n * 10n ** BigInt(s - b.s), s };
  }
  function print({ n, s }) {
    const digits = (n < 0n ? -n : n).toString().padStart(s + 1, "0");
    const text = s ? `${digits.slice(0, -s)}.${digits.slice(-s)}`.replace(/\.?0+$/, "") : digits;
    return (n < 0n ? "-" : "") + text;
  }
  // A term is [field, label], or [field, label, number] where it stands in the report of another year.
  const total = (terms, values) => terms.reduce((sum, [field, , fixed]) => {
    const number = parse(fixed === undefined ? values[field] : fixed);
    return sum && number ? add(sum, number) : null;
  }, { n: 0n, s: 0 });

  // Whether a sum holds with these numbers (texts by field; what is no number makes it unknown).
  function check(sum, values) {
    const left = total(sum.left, values);
    const right = total(sum.right, values);
    if (!left || !right) return { status: "unknown", left, right };
    const off = add(left, right, -1n);
    const holds = sum.relation === "<=" ? off.n <= 0n : off.n === 0n;
    return { status: holds ? "holds" : "fails", left, right, off };
  }

  // The number that would make a sum hold if only this field were wrong; null where that cannot be told.
  function implied(sum, values, field) {
    if (sum.relation !== "=") return null;
    const isLeft = sum.left.some(([name]) => name === field);
    const others = (terms) => total(terms.filter(([name]) => name !== field), values);
    const [own, other] = isLeft ? [others(sum.left), others(sum.right)] : [others(sum.right), others(sum.left)];
    const need = own && other ? add(other, own, -1n) : null;
    return need && need.n >= 0n ? print(need) : null;
  }

  function element(tag, text = "", name = "") {
    const node = document.createElement(tag);
    node.textContent = text;
    if (name) node.className = name;
    return node;
  }

  // Times come in UTC; people read them on their own clock.
  all("time").forEach((node) => {
    const at = new Date(node.dateTime);
    const two = (number) => String(number).padStart(2, "0");
    node.title = node.textContent;
    node.textContent = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
  });

  const SIGNS = { holds: "✓", fails: "✗", unknown: "?" };

  // What a key means, whatever the input method makes of it.
  function nameKey(event) {
    const key = event.key;
    if (key === "Process" || event.keyCode === 229) return event.code.replace(/^Key/, "").toLowerCase();
    return key.length === 1 ? key.toLowerCase() : key;
  }
  const MARKS = ["/", "-", "—", "无", "\\", "*"];

  // ---------- Page: one cell ----------
  function startCell() {
    let stage = one("#stage");
    let state; // {state, value, raw}: what would be sent
    let typed = false; // whether digits were typed over the reading
    let candidate = 0;
    let shownAt = performance.now();
    let hiddenFor = 0;
    let hiddenAt = 0;
    let busy = false;
    let ahead = null; // the question after this one, which the server has leased to us already
    let sent = Promise.resolve(); // settles when all that was sent has been answered
    const ACTIONS = { b: "blank", m: "mark", "/": "mark", x: "unreadable", n: "missing", u: "unsure", s: "skip", z: "undo", d: "open", Enter: "accept" };

    document.addEventListener("visibilitychange", () => {
      if (document.hidden) hiddenAt = performance.now();
      else if (hiddenAt) hiddenFor += performance.now() - hiddenAt;
    });

    function show() {
      stage = one("#stage");
      typed = false;
      candidate = 0;
      hiddenFor = 0;
      shownAt = performance.now();
      if (stage.dataset.lease) {
        restore();
        const mark = one(".excerpt .marked, .excerpt mark", stage);
        if (mark) {
          const box = mark.closest(".excerpt");
          box.scrollTop = mark.offsetTop - box.offsetTop - box.clientHeight / 2;
          box.scrollLeft = mark.offsetLeft - box.offsetLeft - box.clientWidth / 2;
        }
      }
    }
    function restore() {
      const { state: kind, value, raw } = stage.dataset;
      state = { state: kind, value: kind === "number" ? value : null, raw: raw || null };
      typed = false;
      candidate = 0;
      draw();
    }
    function draw() {
      const input = one("#value", stage);
      const number = state.state === "number";
      const text = number ? state.value : state.state === "mark" ? state.raw || "/" : stage.dataset[`word${state.state[0].toUpperCase()}${state.state.slice(1)}`];
      if (input.value !== text) input.value = text;
      const read = stage.dataset.state === state.state && (!number || stage.dataset.value === state.value);
      input.classList.toggle("changed", !read);
      input.classList.toggle("other", !number && state.state !== "mark");
      one("#state", stage).textContent = stage.dataset[`word${state.state[0].toUpperCase()}${state.state.slice(1)}`];
      all("[data-candidate]", stage).forEach((button) => {
        const same = button.dataset.state === state.state && (!number || button.dataset.value === state.value);
        button.setAttribute("aria-pressed", String(same));
      });
      drawSums();
    }
    function drawSums() {
      const field = stage.dataset.field;
      const values = { ...JSON.parse(stage.dataset.values), [field]: state.state === "number" ? state.value : null };
      one("#sums", stage).replaceChildren(...JSON.parse(stage.dataset.sums).map((sum) => drawSum(sum, values, field)));
    }
    function drawSum(sum, values, field) {
      const words = stage.dataset;
      const verdict = check(sum, values);
      const box = element("div", "", "sum");
      box.dataset.status = verdict.status;
      box.dataset.identity = sum.id;
      const line = element("div", "", "verdict");
      const off = verdict.off ? ` ${verdict.off.n > 0n ? "+" : ""}${print(verdict.off)}` : "";
      const said = verdict.status === "fails" ? words.fails + off : words[verdict.status];
      line.append(element("span", `${SIGNS[verdict.status]} ${said}`));
      const sides = [verdict.left, verdict.right].map((side) => (side ? print(side) : "…"));
      line.append(element("span", `${sides[0]} ${verdict.status === "fails" ? "≠" : sum.relation === "<=" ? "≤" : "="} ${sides[1]}`, "number"));
      box.append(line);
      const need = verdict.status === "holds" ? null : implied(sum, values, field);
      if (need !== null) box.append(element("div", words.offer.replace("{}", need), "offer"));
      const table = element("table");
      const rest = sum.left.filter(([name]) => name !== field && values[name] === "0").length;
      const few = sum.left.length <= 7;
      sum.left.forEach(([name, label]) => {
        if (few || name === field || values[name] !== "0") table.append(drawTerm(name, label, values, field));
      });
      if (!few && rest) {
        const row = element("tr");
        row.append(element("td", words.rest.replace("{}", rest)), element("td", "0", "number"));
        table.append(row);
      }
      sum.right.forEach(([name, label], index) => {
        const row = drawTerm(name, label, values, field);
        if (index === 0) row.classList.add("result");
        table.append(row);
      });
      const terms = element("div", "", "terms");
      terms.append(table);
      box.append(terms);
      return box;
    }
    function drawTerm(name, label, values, field) {
      const row = element("tr", "", name === field ? "own" : "");
      const value = values[name];
      const own = name === field ? one("#value", stage).value || "…" : value === null || value === undefined ? "—" : value;
      row.append(element("td", label), element("td", own, "number"));
      row.firstChild.title = label;
      return row;
    }

    // The question in a response, with its pictures on their way.
    async function read(response) {
      const node = document.importNode(one("#stage", new DOMParser().parseFromString(await response.text(), "text/html")), true);
      all("image[href]", node).forEach((image) => {
        const picture = new Image();
        picture.src = image.getAttribute("href");
        picture.decode().catch(() => {}); // it is shown as missing then, as it would be without this
      });
      return node;
    }
    function turnTo(node) {
      if (node === stage) return;
      stage.replaceWith(node);
      show();
      one("#main").focus({ preventScroll: true });
    }
    const held = () => [stage, ahead].filter((node) => node && node.dataset.lease).map((node) => node.dataset.lease);
    // Do one thing after the other; `body` tells while something is on its way.
    function queue(work) {
      body.dataset.sending = "yes";
      const mine = sent.then(work);
      sent = mine.catch(() => {}).then(() => { if (sent === last) delete body.dataset.sending; });
      const last = sent;
      return mine;
    }
    function fetchAhead() {
      return queue(async () => {
        if (ahead || !stage.dataset.lease) return;
        const response = await send("/review/next", { held: held() });
        if (response) keepAhead(await read(response));
      });
    }
    function keepAhead(node) {
      ahead = node.dataset.lease && node.dataset.lease !== stage.dataset.lease ? node : null;
    }
    // The sums of the next question were made before this answer.
    function tellAhead(data) {
      if (!ahead || ahead.dataset.document !== stage.dataset.document || ahead.dataset.form !== stage.dataset.form) return;
      const values = JSON.parse(ahead.dataset.values);
      if (!(stage.dataset.field in values) || !("state" in data) || !data.state) return;
      values[stage.dataset.field] = data.value;
      ahead.dataset.values = JSON.stringify(values);
    }
    // Send an answer and show the next question at once where it is here already; back to this one where it was not taken.
    async function step(path, data) {
      if (busy) return;
      busy = true;
      await sent;
      if (stage.dataset.lease !== data.lease) { busy = false; return; } // the one before was not taken and is here again
      const [from, said] = [stage, state];
      tellAhead(data);
      if (ahead) {
        const next = ahead;
        ahead = null;
        turnTo(next);
        busy = false;
        await queue(async () => {
          const response = await send(path, { ...data, held: held() });
          if (response) { keepAhead(await read(response)); return; }
          if (lastStatus === 409) return; // another person has that one: it is no longer ours to answer
          ahead = next;
          turnTo(from);
          state = said;
          draw();
        });
        if (!ahead) fetchAhead();
        return;
      }
      await queue(async () => {
        const response = await send(path, data);
        if (response) turnTo(await read(response));
      });
      busy = false;
      fetchAhead();
    }
    async function undo() {
      if (busy) return;
      busy = true;
      await sent;
      await queue(async () => {
        const response = await send("/review/undo", {});
        if (!response) return;
        const node = await read(response);
        const before = stage;
        if (ahead && ahead.dataset.lease === node.dataset.lease) ahead = null;
        turnTo(node);
        if (before.dataset.lease && before.dataset.lease !== node.dataset.lease) {
          if (ahead) send("/review/release", { held: [ahead.dataset.lease] });
          ahead = before;
        }
      });
      busy = false;
      fetchAhead();
    }
    window.addEventListener("pagehide", () => {
      if (ahead) send("/review/release", { held: [ahead.dataset.lease] });
      ahead = null;
    });
    function answer(reading) {
      if (reading.state === "number" && !parse(reading.value)) {
        notify(body.dataset.failed, true);
        return;
      }
      const seconds = Math.max(0, performance.now() - shownAt - hiddenFor) / 1000;
      step("/review/answer", { lease: stage.dataset.lease, ...reading, seconds: Math.round(seconds * 100) / 100 });
    }
    function act(name) {
      if (name === "undo") { undo(); return; }
      if (!stage.dataset.lease) return;
      const lease = stage.dataset.lease;
      if (name === "accept") answer(state);
      else if (name === "blank" || name === "missing" || name === "unreadable") answer({ state: name, value: null, raw: name === "unreadable" ? stage.dataset.raw || null : null });
      else if (name === "mark") answer({ state: "mark", value: null, raw: stage.dataset.state === "mark" && stage.dataset.raw ? stage.dataset.raw : "/" });
      else if (name === "unsure") answer({ state: null, value: null, raw: null });
      else if (name === "skip") step("/review/skip", { lease });
      else if (name === "open") location.href = one('[data-act-link="open"]', stage).href;
    }
    function choose(number) {
      const button = one(`[data-candidate="${number}"]`, stage);
      if (!button) return;
      candidate = number;
      state = { state: button.dataset.state, value: button.dataset.state === "number" ? button.dataset.value : null, raw: button.dataset.raw || null };
      draw();
    }
    function type(text) {
      const before = typed ? one("#value", stage).value : "";
      setTyped(before + text);
    }
    function setTyped(text) {
      const clean = text.normalize("NFKC").replace(/[,\s]/g, "").replace(/。/g, ".");
      typed = true;
      if (MARKS.includes(clean) && clean !== "-") state = { state: "mark", value: null, raw: clean };
      else state = { state: "number", value: clean, raw: null };
      draw();
    }

    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey && nameKey(event) === "z") { event.preventDefault(); act("undo"); return; }
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      const key = nameKey(event);
      const inInput = event.target.id === "value";
      if (!inInput && event.target.closest("input, select, textarea")) return;
      if (!inInput && (key === "Enter" || key === " ") && event.target.closest("a, button, summary")) return;
      const digit = /^Digit([1-9])$/.exec(event.code);
      if (event.shiftKey && digit && stage.dataset.lease) { event.preventDefault(); choose(Number(digit[1])); return; }
      if (event.repeat && key === "Enter") { event.preventDefault(); return; } // a key held down answers one
      if (stage.dataset.lease) {
        if (/^[0-9]$/.test(key) || ((key === "." || key === "-") && (typed || key === "-"))) {
          if (!inInput) { event.preventDefault(); type(key); return; }
        } else if (key === "Backspace") {
          if (!inInput) { event.preventDefault(); setTyped((typed || state.state === "number" ? one("#value", stage).value : "").slice(0, -1)); }
          return;
        } else if (key === "Escape") { event.preventDefault(); restore(); one("#main").focus({ preventScroll: true }); return; }
        else if (key === "ArrowDown" || key === "ArrowUp") {
          const count = all("[data-candidate]", stage).length;
          if (count) { event.preventDefault(); choose(((candidate - 1 + (key === "ArrowDown" ? 1 : -1) + count) % count) + 1); }
          return;
        }
      }
      if (ACTIONS[key]) { event.preventDefault(); act(ACTIONS[key]); }
    });
    body.addEventListener("input", (event) => { if (event.target.id === "value") setTyped(event.target.value); });
    body.addEventListener("focusin", (event) => { if (event.target.id === "value") event.target.select(); });
    body.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.act) act(button.dataset.act);
      else if (button.dataset.candidate) choose(Number(button.dataset.candidate));
    });
    show();
    fetchAhead();
  }

  // ---------- Page: a document ----------
  function startDocument() {
    const root = one(".document");
    const forms = one(".forms");
    const details = one("#details");
    const inputs = all("td input", forms);
    const byCell = new Map(inputs.map((input) => [`${input.dataset.form} ${input.dataset.field}`, input]));
    const sums = JSON.parse(root.dataset.sums);
    const viewer = one(".viewer") ? makeViewer(one(".viewer"), JSON.parse(root.dataset.pages)) : null;
    const writable = root.dataset.writable === "yes";
    const startedAt = new Map();
    const saving = new Set();

    const valueOf = (input) => ({ state: input.dataset.state, value: input.dataset.state === "number" ? input.dataset.value : null, raw: input.dataset.raw || null });
    // What stands in a box, as a reading: digits, a mark, or one of the words for blank and the like.
    function readBox(input) {
      const text = input.value.normalize("NFKC").replace(/[,\s]/g, "");
      if (text === input.dataset.text) return valueOf(input);
      if (text === "") return { state: "blank", value: null, raw: null };
      if (parse(text)) return { state: "number", value: text, raw: null };
      if (MARKS.includes(text)) return { state: "mark", value: null, raw: text };
      const word = { b: "blank", x: "unreadable", "?": "unreadable", n: "missing" }[text.toLowerCase()];
      return word ? { state: word, value: null, raw: null } : null;
    }
    function drawSums(form) {
      const values = {};
      inputs.filter((input) => input.dataset.form === form).forEach((input) => {
        const reading = readBox(input);
        values[input.dataset.field] = reading && reading.state === "number" ? reading.value : null;
      });
      const marks = new Map();
      (sums[form] || []).forEach((sum) => {
        const verdict = check(sum, values);
        if (sum.year) joined.set(`${sum.year} ${sum.id} ${sum.at}`, verdict.status);
        if (!marks.has(sum.at)) marks.set(sum.at, []);
        marks.get(sum.at).push({ sum, verdict });
      });
      marks.forEach((verdicts, field) => {
        const input = byCell.get(`${form} ${field}`);
        if (!input) return;
        const box = one(".verdicts", input.parentElement);
        const shown = verdicts.filter(({ verdict }) => verdict.status !== "unknown").map(({ sum, verdict }) => {
          const sign = element("span", verdict.status === "holds" ? "✓" : "✗", verdict.status);
          sign.title = describe(sum, verdict);
          return sign;
        });
        box.replaceChildren(...shown);
        input.parentElement.dataset.verdicts = verdicts.map(({ verdict }) => verdict.status).join(" ");
      });
      tellYears();
      const failing = all(".verdicts .fails", forms).length;
      one("#failing").textContent = failing;
      one("#failing").parentElement.classList.toggle("bad", failing > 0);
    }
    // How the report joins those of the years beside it.
    const joined = new Map();
    function tellYears() {
      all("[data-joins]").forEach((tag) => {
        const statuses = [...joined].filter(([key]) => key.startsWith(`${tag.dataset.joins} `)).map(([, status]) => status);
        const count = (status) => statuses.filter((other) => other === status).length;
        tag.textContent = `${tag.dataset.words} ✓ ${count("holds")}${count("fails") ? ` ✗ ${count("fails")}` : ""}`;
        tag.classList.toggle("bad", count("fails") > 0);
      });
    }
    function describe(sum, verdict) {
      const side = (terms, result) => `${terms.length > 4 ? `${terms[0][1]} + … + ${terms[terms.length - 1][1]}` : terms.map(([, label]) => label).join(" + ")} (${result ? print(result) : "…"})`;
      return `${side(sum.left, verdict.left)} ${verdict.status === "fails" ? "≠" : sum.relation === "<=" ? "≤" : "="} ${side(sum.right, verdict.right)}`;
    }
    function point(fields, form, { move = true } = {}) {
      all(".now").forEach((node) => node.classList.remove("now"));
      fields.forEach((field) => {
        const input = byCell.get(`${form} ${field}`);
        if (input) input.parentElement.classList.add("now");
        all(`[data-fields~="${CSS.escape(field)}"]`).forEach((node) => {
          if (node.dataset.form && node.dataset.form !== form) return;
          node.classList.add("now");
          if (move && !viewer) node.scrollIntoView({ block: "center", inline: "center" });
        });
      });
      if (viewer && move && fields.length) {
        const input = byCell.get(`${form} ${fields[0]}`);
        if (input && input.dataset.page) viewer.reveal(Number(input.dataset.page), JSON.parse(input.dataset.box || "null"));
      }
    }
    function tell(input) {
      const verdicts = [];
      const values = {};
      inputs.filter((other) => other.dataset.form === input.dataset.form).forEach((other) => {
        const reading = readBox(other);
        values[other.dataset.field] = reading && reading.state === "number" ? reading.value : null;
      });
      (sums[input.dataset.form] || []).forEach((sum) => {
        if ([...sum.left, ...sum.right].some(([field]) => field === input.dataset.field)) {
          const verdict = check(sum, values);
          const line = element("p", `${SIGNS[verdict.status]} ${describe(sum, verdict)}`, verdict.status);
          verdicts.push(line);
        }
      });
      const head = element("p");
      head.append(element("strong", input.dataset.label), " ", element("span", input.dataset.about, "muted"));
      const link = element("a", details.dataset.history);
      link.href = `${root.dataset.path}/history?form=${encodeURIComponent(input.dataset.form)}&field=${encodeURIComponent(input.dataset.field)}`;
      head.append(" ", link);
      details.replaceChildren(head, ...verdicts);
    }
    async function save(input) {
      const reading = readBox(input);
      const cell = input.parentElement;
      const before = valueOf(input);
      if (!reading) { notify(details.dataset.wrong, true); input.focus(); return false; }
      const same = reading.state === before.state && reading.value === before.value && (reading.state !== "mark" || reading.raw === before.raw);
      if (same && !cell.classList.contains("review")) { cell.classList.remove("dirty"); return true; }
      if (saving.has(input)) return false;
      saving.add(input);
      const seconds = Math.round((performance.now() - (startedAt.get(input) || performance.now())) / 10) / 100;
      const response = await send(`${root.dataset.path}/cells`, { form: input.dataset.form, field: input.dataset.field, ...reading, seconds });
      saving.delete(input);
      if (!response) return false;
      const now = await response.json();
      Object.assign(input.dataset, { state: now.state, value: now.value ?? "", raw: now.raw ?? "", text: now.text });
      input.value = now.text;
      cell.className = `person${now.state === "blank" || now.state === "missing" ? " none" : ""}${document.activeElement === input ? " now" : ""}`;
      all(`rect[data-fields~="${CSS.escape(input.dataset.field)}"]`).forEach((node) => { node.classList.remove("review"); node.classList.add("person"); });
      one("#open").textContent = all("td.review", forms).length;
      drawSums(input.dataset.form);
      notify(details.dataset.saved);
      return true;
    }
    function neighbour(input, rows, columns) {
      const box = input.getBoundingClientRect();
      const x = box.left + box.width / 2;
      const y = box.top + box.height / 2;
      let best = null;
      let least = Infinity;
      inputs.filter((other) => other.offsetParent).forEach((other) => {
        const r = other.getBoundingClientRect();
        const dx = (r.left + r.width / 2 - x) * (columns || 0);
        const dy = (r.top + r.height / 2 - y) * (rows || 0);
        const along = columns ? dx : dy;
        const across = columns ? Math.abs(r.top + r.height / 2 - y) : Math.abs(r.left + r.width / 2 - x);
        if (along > 4 && along + 6 * across < least) { least = along + 6 * across; best = other; }
      });
      return best;
    }
    const doubtful = () => inputs.filter((input) => input.parentElement.classList.contains("review"));
    function goOn(from) {
      const list = doubtful();
      const next = list.find((input) => inputs.indexOf(input) > inputs.indexOf(from)) || list[0];
      if (next) focusCell(next); else notify(details.dataset.none);
    }
    function focusCell(input) {
      showForm(input.dataset.form);
      input.focus();
      input.scrollIntoView({ block: "nearest" });
    }
    function showForm(form) {
      all("[data-panel]", forms).forEach((panel) => { panel.hidden = panel.dataset.panel !== form; });
      all("[data-show]").forEach((tab) => tab.setAttribute("aria-selected", String(tab.dataset.show === form)));
    }

    forms.addEventListener("focusin", (event) => {
      if (!event.target.matches("td input")) return;
      startedAt.set(event.target, performance.now());
      event.target.select();
      point([event.target.dataset.field], event.target.dataset.form);
      tell(event.target);
    });
    forms.addEventListener("pointerover", (event) => {
      const input = event.target.closest("td") && one("input", event.target.closest("td"));
      if (input && !forms.contains(document.activeElement)) point([input.dataset.field], input.dataset.form, { move: !viewer });
    });
    forms.addEventListener("input", (event) => {
      const input = event.target;
      if (!input.matches("td input")) return;
      input.parentElement.classList.toggle("dirty", input.value !== input.dataset.text);
      drawSums(input.dataset.form);
      tell(input);
    });
    forms.addEventListener("focusout", (event) => {
      const input = event.target;
      if (writable && input.matches("td input") && input.value !== input.dataset.text) save(input);
    });
    document.addEventListener("keydown", async (event) => {
      if (event.isComposing || event.altKey || event.metaKey) return;
      const input = event.target.matches("td input") ? event.target : null;
      const key = nameKey(event);
      if (input && key === "Enter") {
        event.preventDefault();
        if (event.repeat) return;
        const wasDoubtful = input.parentElement.classList.contains("review");
        if (!writable || await save(input)) {
          if (wasDoubtful && writable) goOn(input);
          else { const next = neighbour(input, event.shiftKey ? -1 : 1, 0); if (next) next.focus(); }
        }
      } else if (input && key === "Escape") { input.value = input.dataset.text; input.parentElement.classList.remove("dirty"); drawSums(input.dataset.form); input.select(); }
      else if (input && (key === "ArrowDown" || key === "ArrowUp")) { const next = neighbour(input, key === "ArrowDown" ? 1 : -1, 0); if (next) { event.preventDefault(); next.focus(); } }
      else if (input && (key === "ArrowLeft" || key === "ArrowRight") && input.selectionStart === 0 && input.selectionEnd === input.value.length) {
        const next = neighbour(input, 0, key === "ArrowRight" ? 1 : -1);
        if (next) { event.preventDefault(); next.focus(); }
      } else if (key === "F8" || (!input && key === "j")) { event.preventDefault(); goOn(input || inputs[inputs.length - 1]); }
      else if (!input && !event.target.closest("input, select") && viewer && !event.ctrlKey) viewer.key(event, key);
    });
    body.addEventListener("click", (event) => {
      const tab = event.target.closest("[data-show]");
      if (tab) { showForm(tab.dataset.show); return; }
      if (event.target.closest("#next")) { goOn(inputs[inputs.length - 1]); return; }
      const place = event.target.closest("[data-fields]");
      if (place && !forms.contains(place)) {
        const field = place.dataset.fields.split(" ")[0];
        const input = inputs.find((other) => other.dataset.field === field && (!place.dataset.form || place.dataset.form === other.dataset.form));
        if (input) focusCell(input);
      }
    });
    body.addEventListener("pointerover", (event) => {
      const place = event.target.closest("[data-fields]");
      if (!place || forms.contains(document.activeElement)) return;
      const fields = place.dataset.fields.split(" ");
      const input = inputs.find((other) => other.dataset.field === fields[0] && (!place.dataset.form || place.dataset.form === other.dataset.form));
      if (input) { showForm(input.dataset.form); point(fields, input.dataset.form, { move: false }); input.scrollIntoView({ block: "nearest" }); }
    });
    Object.keys(sums).forEach(drawSums);
    const wanted = byCell.get(`${root.dataset.form} ${root.dataset.field}`);
    const first = wanted || (writable && doubtful().find((input) => !("asked" in root.dataset) || input.dataset.form === root.dataset.form));
    if (first) focusCell(first);
  }

  // The page picture: zoom with the wheel or + and -, move by dragging or with the arrows.
  function makeViewer(box, pages) {
    const svg = one("svg", box);
    const groups = all("g[data-page]", svg);
    let page = pages.length ? pages[0].page : 1;
    let view = { x: 0, y: 0, w: 1, h: 1 };
    const sizeOf = () => pages.find((entry) => entry.page === page) || { width: 595, height: 842 };
    const apply = () => svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.w} ${view.h}`);
    const ratio = () => Math.max(0.2, box.clientWidth / Math.max(1, box.clientHeight));
    function fit() {
      const { width, height } = sizeOf();
      view = { x: 0, y: 0, w: width, h: width / ratio() };
      if (view.h > height) view = { x: (width - height * ratio()) / 2, y: 0, w: height * ratio(), h: height };
      apply();
    }
    function show(number) {
      if (!pages.some((entry) => entry.page === number)) return;
      const before = page;
      page = number;
      groups.forEach((group) => { group.toggleAttribute("hidden", Number(group.dataset.page) !== page); group.setAttribute("display", Number(group.dataset.page) === page ? "inline" : "none"); });
      one("#page-number").textContent = `${pages.findIndex((entry) => entry.page === page) + 1} / ${pages.length}`;
      if (near && before !== page) { view.y = 0; apply(); } else fit();
    }
    function zoom(factor, x = view.x + view.w / 2, y = view.y + view.h / 2) {
      const { width } = sizeOf();
      const w = Math.min(Math.max(view.w * factor, width / 12), width * 2.5);
      const scale = w / view.w;
      view = { x: x - (x - view.x) * scale, y: y - (y - view.y) * scale, w, h: view.h * scale };
      apply();
    }
    let near = false; // once a cell is looked for, the page comes near enough to read it, and stays as near as one likes
    function reveal(number, place) {
      if (number !== page) show(number);
      if (!place) return;
      const [left, top, right, bottom] = place;
      if (!near && view.w > 0.6 * sizeOf().width) zoom(0.6 * sizeOf().width / view.w, (left + right) / 2, (top + bottom) / 2);
      near = true;
      const inside = left >= view.x && right <= view.x + view.w && top >= view.y && bottom <= view.y + view.h;
      if (!inside) {
        view.x = Math.min(Math.max((left + right) / 2 - view.w / 2, 0), Math.max(0, sizeOf().width - view.w));
        view.y = (top + bottom) / 2 - view.h / 2;
        apply();
      }
    }
    const at = (event) => {
      const bounds = svg.getBoundingClientRect();
      return [view.x + (event.clientX - bounds.left) / bounds.width * view.w, view.y + (event.clientY - bounds.top) / bounds.height * view.h];
    };
    box.addEventListener("wheel", (event) => {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) zoom(event.deltaY > 0 ? 1.12 : 1 / 1.12, ...at(event));
      else { view.x += event.deltaX / box.clientWidth * view.w; view.y += event.deltaY / box.clientHeight * view.h; apply(); }
    }, { passive: false });
    let held = null;
    box.addEventListener("pointerdown", (event) => { held = { x: event.clientX, y: event.clientY, view: { ...view }, moved: false }; });
    window.addEventListener("pointermove", (event) => {
      if (!held) return;
      const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
      if (!held.moved && Math.hypot(dx, dy) < 4) return;
      held.moved = true;
      box.classList.add("held");
      view = { ...view, x: held.view.x - dx / box.clientWidth * view.w, y: held.view.y - dy / box.clientHeight * view.h };
      apply();
    });
    window.addEventListener("pointerup", () => { held = null; box.classList.remove("held"); });
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const acts = { in: () => zoom(1 / 1.35), out: () => zoom(1.35), fit, before: () => show(page - 1), after: () => show(page + 1) };
    all("[data-view]").forEach((button) => button.addEventListener("click", () => acts[button.dataset.view]()));
    window.addEventListener("resize", fit);
    show(page);
    return {
      reveal,
      key(event, key) {
        if (moves[key]) { event.preventDefault(); view.x += moves[key][0] * view.w / 8; view.y += moves[key][1] * view.h / 8; apply(); }
        else if (key === "+" || key === "=") acts.in();
        else if (key === "-") acts.out();
        else if (key === "0") fit();
        else if (key === "PageDown") { event.preventDefault(); acts.after(); }
        else if (key === "PageUp") { event.preventDefault(); acts.before(); }
      },
    };
  }

  // ---------- Page: a group of equal cells ----------
  function startGroup() {
    const leases = JSON.parse(sessionStorage.getItem("gouji-group") || "[]"); // of the group accepted last, in this tab
    one("#undo").hidden = !leases.length;
    async function undo() {
      if (!leases.length || !(await send("/groups/undo", { leases }))) return;
      sessionStorage.removeItem("gouji-group");
      location.reload();
    }
    document.addEventListener("keydown", (event) => {
      if (nameKey(event) === "z" && !event.altKey && !event.metaKey && !event.repeat) { event.preventDefault(); undo(); }
    });
    one("#undo").addEventListener("click", undo);
    const grid = one(".grid");
    if (!grid) return;
    const tiles = all(".tile", grid);
    const shownAt = performance.now();
    const pick = (tile) => {
      tile.setAttribute("aria-pressed", String(tile.getAttribute("aria-pressed") !== "true"));
      one("#odd").textContent = tiles.filter((other) => other.getAttribute("aria-pressed") === "true").length;
    };
    async function accept() {
      const odd = tiles.filter((tile) => tile.getAttribute("aria-pressed") === "true");
      const good = tiles.filter((tile) => !odd.includes(tile));
      one("#accept").disabled = true;
      const seconds = (performance.now() - shownAt) / 1000 / Math.max(1, tiles.length);
      const response = await send("/groups/answer", {
        accepted: good.map((tile) => tile.dataset.lease), odd: odd.map((tile) => tile.dataset.lease),
        state: grid.dataset.state, value: grid.dataset.value || null, seconds: Math.round(seconds * 100) / 100,
      });
      if (!response) { one("#accept").disabled = false; return; }
      sessionStorage.setItem("gouji-group", JSON.stringify(good.map((tile) => tile.dataset.lease)));
      if (odd.length) location.assign("/review"); else location.reload();
    }
    const columns = () => Math.max(1, tiles.filter((tile) => tile.offsetTop === tiles[0].offsetTop).length);
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, select")) return;
      const key = nameKey(event);
      const at = tiles.indexOf(document.activeElement);
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns(), ArrowUp: -columns() }[key];
      if (step) { event.preventDefault(); tiles[Math.min(Math.max(at + step, 0), tiles.length - 1)].focus(); }
      else if ((key === " " || key === "x") && at >= 0) { event.preventDefault(); pick(tiles[at]); }
      else if (key === "Enter" && !event.repeat && !event.target.closest("a, .foot button")) { event.preventDefault(); accept(); }
    });
    grid.addEventListener("click", (event) => { const tile = event.target.closest(".tile"); if (tile) pick(tile); });
    one("#accept").addEventListener("click", accept);
    tiles[0].focus();
  }

  // ---------- Page: uploads ----------
  function startUploads() {
    const drop = one(".drop");
    if (drop) {
      const input = one('input[type="file"]', drop);
      drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
      drop.addEventListener("dragleave", () => drop.classList.remove("over"));
      drop.addEventListener("drop", (event) => { event.preventDefault(); drop.classList.remove("over"); input.files = event.dataTransfer.files; drop.requestSubmit(); });
      input.addEventListener("change", () => { if (input.files.length) drop.requestSubmit(); });
    }
    if (one("[data-waiting]")) setTimeout(() => location.reload(), 1500);
  }

  const starts = { cell: startCell, document: startDocument, group: startGroup, uploads: startUploads };
  if (starts[body.dataset.page]) starts[body.dataset.page]();
})();
