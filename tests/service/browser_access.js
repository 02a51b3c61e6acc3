// What tests of access ask a page, each a function that gives data.
const ACCESS = {
  // [contrast, whether it is large, what it is] of every element that shows text of its own, as it is on the screen.
  contrast() {
    const parse = (text) => { const n = text.match(/[\d.]+/g).map(Number); return [n[0], n[1], n[2], n.length > 3 ? n[3] : 1]; };
    const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
    const channel = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
    const light = (c) => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
    const behind = (node) => {
      const layers = [];
      for (let n = node; n; n = n.parentElement) layers.push(parse(getComputedStyle(n).backgroundColor));
      return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]);
    };
    const found = [];
    for (const node of document.querySelectorAll("body *")) {
      if (node.closest("svg, [hidden], .unseen") || node.disabled || !node.checkVisibility({ visibilityProperty: true })) continue;
      const text = [...node.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
      if (!text && !(node.matches("input, select") && node.value)) continue;
      const style = getComputedStyle(node);
      const under = behind(node);
      const [a, b] = [light(over(parse(style.color), under)), light(under)].sort((x, y) => y - x);
      const size = parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      found.push([(a + 0.05) / (b + 0.05), large, `${node.tagName} ${node.className} ${(node.textContent || node.value).trim().slice(0, 30)}`]);
    }
    return found;
  },
  // [markup, name] of everything that can be used, as a screen reader calls it.
  names() {
    const usable = "a[href], button, input:not([type=hidden]), select, [tabindex='0'], [role=img]";
    return [...document.querySelectorAll(usable)].filter((node) => node.checkVisibility() || node.matches(".unseen")).map((node) => {
      const labels = node.labels ? [...node.labels].map((label) => label.textContent) : [];
      const by = (node.getAttribute("aria-labelledby") || "").split(" ").filter(Boolean);
      const texts = [node.getAttribute("aria-label"), ...by.map((id) => document.getElementById(id).textContent), ...labels];
      const name = [...texts, node.textContent, node.title, node.alt].find((text) => text && text.trim());
      return [node.outerHTML.slice(0, 120), (name || "").trim()];
    });
  },
  // Where the focus is, and whether one sees it.
  focused() {
    const node = document.activeElement;
    const style = getComputedStyle(node);
    return {
      name: node.tagName, text: (node.textContent || node.getAttribute("aria-label") || node.id).trim().slice(0, 20),
      top: node.getBoundingClientRect().top, skip: node.matches(".skip"),
      shown: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none",
    };
  },
};
