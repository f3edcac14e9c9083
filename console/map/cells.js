// The city's areas as SVG cells. Text goes in as text nodes and attributes of a render function: nothing is parsed.
const { h } = Vue;

const PIXELS = 900; // about how wide it is drawn, to leave out numbers that nobody could read
const LEAST_PIXELS = 10;
const DIGIT = 0.7; // a digit's width for its height

// A pattern beside each colour, for people and printers that cannot tell colours apart.
const patterns = (id, scale) =>
  h("defs", [
    h("pattern", { id: `${id}-attention`, width: 12, height: 12, patternUnits: "userSpaceOnUse", patternTransform: `scale(${1 / scale}) rotate(45)` }, [
      h("rect", { class: "ink", width: 2, height: 12 }),
    ]),
    h("pattern", { id: `${id}-blind`, width: 9, height: 9, patternUnits: "userSpaceOnUse", patternTransform: `scale(${1 / scale})` }, [
      h("circle", { class: "ink", cx: 4, cy: 4, r: 1.6 }),
    ]),
    h("pattern", { id: `${id}-alarm`, width: 12, height: 12, patternUnits: "userSpaceOnUse", patternTransform: `scale(${1 / scale}) rotate(45)` }, [
      h("rect", { class: "ink", width: 2, height: 12 }),
      h("rect", { class: "ink", width: 12, height: 2 }),
    ]),
  ]);

export default {
  props: { cells: Array, values: Object, box: Array, name: String },
  data: () => ({ current: 0 }),
  methods: {
    // Arrow keys go to the nearest cell in that direction, so that the map is one stop of the Tab key.
    move(event) {
      const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
      if (!dx && !dy) return;
      event.preventDefault();
      const from = this.cells[this.current];
      let best = -1;
      let least = Infinity;
      this.cells.forEach((cell, at) => {
        const along = (cell.x - from.x) * dx + (cell.y - from.y) * dy;
        const aside = Math.abs((cell.x - from.x) * dy) + Math.abs((cell.y - from.y) * dx);
        if (along > 0 && along + 2 * aside < least) [best, least] = [at, along + 2 * aside];
      });
      if (best < 0) return;
      this.current = best;
      this.$nextTick(() => this.$el.querySelector('a[tabindex="0"]')?.focus());
    },
    // Whether a number stands in the picture whole: one that its edge cuts would be read as another.
    holds(cell, text, size) {
      const [left, top, width, height] = this.box;
      const half = (text.length * size * DIGIT) / 2;
      return cell.x - half > left && cell.x + half < left + width && cell.y - size > top && cell.y + size < top + height;
    },
    cell(cell, at, scale) {
      const value = this.values[cell.code] ?? { state: "none", label: "", text: "" };
      const size = Math.min(cell.room * 0.85, this.box[2] / 32);
      const inside = [
        h("title", value.label),
        h("path", { d: cell.path, class: "fill", style: value.fill ? { fill: value.fill } : undefined }),
        ["attention", "blind", "alarm"].includes(value.state) &&
          h("path", { d: cell.path, class: "pattern", fill: `url(#${this.id}-${value.state})` }),
        value.text &&
          size * scale >= LEAST_PIXELS &&
          this.holds(cell, value.text, size) &&
          h("text", { x: cell.x, y: cell.y, "font-size": size, "stroke-width": size / 5 }, value.text),
      ];
      const classes = ["cell", value.state, value.stale && "stale"];
      if (!value.href) return h("g", { class: classes, key: cell.code }, inside);
      return h(
        "a",
        {
          class: classes,
          key: cell.code,
          href: value.href,
          tabindex: at === this.current ? 0 : -1,
          "aria-label": value.label,
          onFocus: () => (this.current = at),
        },
        inside,
      );
    },
  },
  created() {
    this.id = `cells-${Math.random().toString(36).slice(2)}`;
  },
  render() {
    const scale = PIXELS / this.box[2];
    const linked = Object.values(this.values).some((value) => value.href);
    return h(
      "svg",
      {
        class: "cells",
        viewBox: this.box.join(" "),
        role: linked ? "group" : "img",
        "aria-label": this.name,
        onKeydown: this.move,
      },
      [
        patterns(this.id, scale),
        ...this.cells.map((cell, at) => this.cell(cell, at, scale)),
      ],
    );
  },
};
