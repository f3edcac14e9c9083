// A sortable table. Text goes in as text nodes of a render function: nothing is parsed.
const { h } = Vue;

const PAGE = 100;
const collator = new Intl.Collator(["vi", "en"], { numeric: true });

const folded = (text) => text.normalize("NFC").toLowerCase();
const bare = (text) =>
  folded(text)
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replaceAll("đ", "d");

const all = (row) =>
  Object.values(row.cells)
    .map((cell) => cell.text)
    .join(" ");

function compare(one, other) {
  if (one === null || other === null) return (one === null) - (other === null);
  return typeof one === "number" && typeof other === "number" ? one - other : collator.compare(String(one), String(other));
}

export default {
  props: { columns: Array, rows: Array, name: String, words: Object, sort: Array, wanted: String, tools: Boolean },
  data() {
    return { by: this.sort?.[0] ?? "", down: this.sort?.[1] ?? false, text: this.wanted ?? "", shown: PAGE };
  },
  computed: {
    found() {
      const text = folded(this.text.trim());
      if (!text || !this.rows) return this.rows ?? [];
      const marked = bare(text) !== text; // who writes marks means them
      const has = (row) => (marked ? folded(all(row)) : bare(all(row))).includes(text);
      const exact = this.rows.filter(has);
      return exact.length || !marked ? exact : this.rows.filter((row) => bare(all(row)).includes(bare(text)));
    },
    ordered() {
      if (!this.by) return this.found;
      const value = (row) => {
        const cell = row.cells[this.by];
        return cell?.sort === undefined ? (cell?.text ?? null) : cell.sort;
      };
      const order = (one, other) => {
        const [a, b] = [value(one), value(other)];
        if (a === null || b === null) return compare(a, b); // what is unknown stands last, either way
        return this.down ? compare(b, a) : compare(a, b);
      };
      return [...this.found].sort(order);
    },
  },
  methods: {
    choose(key) {
      this.down = this.by === key ? !this.down : false;
      this.by = key;
    },
    header(column) {
      const current = this.by === column.key;
      const sign = current ? (this.down ? " ▼" : " ▲") : "";
      return h(
        "th",
        { scope: "col", class: column.kind, "aria-sort": current ? (this.down ? "descending" : "ascending") : "none" },
        h("button", { type: "button", onClick: () => this.choose(column.key) }, [column.title, h("span", { "aria-hidden": "true" }, sign)]),
      );
    },
    cell(column, row) {
      const cell = row.cells[column.key] ?? { text: "" };
      const inside = cell.href ? h("a", { href: cell.href }, cell.text) : cell.text;
      const tag = column.head ? "th" : "td";
      return h(tag, { class: [column.kind, cell.mark], "data-title": column.title, scope: column.head ? "row" : undefined }, [
        cell.mark ? h("span", { class: "mark" }, inside) : inside,
      ]);
    },
  },
  render() {
    if (!this.rows) return h("div", { class: "table" }, h("p", { class: "empty waiting", role: "status" }, this.words.waiting));
    const rows = this.ordered.slice(0, this.shown);
    const written = (n) => n.toLocaleString(document.documentElement.lang || undefined);
    const count = this.words.count.replace("{n}", written(this.ordered.length)).replace("{of}", written(this.rows.length));
    return h("div", { class: "table" }, [
      this.tools && this.rows.length > 0 && h("div", { class: "table-tools" }, [
        h("label", [
          h("span", this.words.search),
          h("input", { type: "search", value: this.text, onInput: (event) => ((this.text = event.target.value), (this.shown = PAGE)) }),
        ]),
        h("span", { class: "quiet", role: "status" }, count),
      ]),
      this.ordered.length
        ? h("div", { class: "table-scroll", role: "region", tabindex: 0, "aria-label": this.name }, [
            h("table", [
              h("thead", h("tr", this.columns.map(this.header))),
              h("tbody", rows.map((row) => h("tr", { key: row.key }, this.columns.map((column) => this.cell(column, row))))),
            ]),
          ])
        : h("p", { class: "empty" }, this.rows.length ? this.words.nothing : this.words.empty),
      this.ordered.length > rows.length &&
        h("button", { type: "button", class: "more", onClick: () => (this.shown += PAGE) }, this.words.more),
    ]);
  },
};
