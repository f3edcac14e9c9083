// A button that opens a list to choose from: found without diacritics, by keyboard, closed by Escape.
const { h } = Vue;

const SHORT = 10; // options that nobody needs to search

const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase();

export default {
  props: { label: String, options: Array, chosen: Array, all: String, multi: Boolean, byName: Boolean, lang: String, words: Object },
  data: () => ({ open: false, find: "", marked: [] }),
  computed: {
    said() {
      const texts = this.options.filter(([value]) => this.chosen.includes(value)).map(([, text]) => text);
      return texts.length > 2 ? `${texts.slice(0, 2).join(", ")} +${texts.length - 2}` : texts.join(", ");
    },
    ordered() {
      const collator = new Intl.Collator(this.lang, { numeric: true });
      const first = ([value]) => value === this.all;
      return this.byName ? [...this.options].sort((a, b) => first(b) - first(a) || collator.compare(a[1], b[1])) : this.options;
    },
    found() {
      const wanted = plain(this.find.trim());
      return this.ordered.filter(([, text]) => plain(text).includes(wanted));
    },
  },
  mounted() {
    document.addEventListener("pointerdown", this.outside);
  },
  unmounted() {
    document.removeEventListener("pointerdown", this.outside);
  },
  methods: {
    outside(event) {
      if (this.open && !this.$el.contains(event.target)) this.open = false;
    },
    toggle() {
      this.open = !this.open;
      if (!this.open) return;
      [this.find, this.marked] = ["", [...this.chosen]];
      this.$nextTick(() => this.$el.querySelector("input")?.focus());
    },
    close() {
      this.open = false;
      this.$el.querySelector("button").focus();
    },
    mark(value) {
      if (!this.multi) return this.done([value]);
      const others = this.marked.filter((one) => one !== value && one !== this.all);
      this.marked = value === this.all ? [value] : this.marked.includes(value) ? others : [...others, value];
    },
    done(values) {
      this.close();
      if (String(values) !== String(this.chosen)) this.$emit("pick", values);
    },
    option([value, text]) {
      const kind = this.multi ? "checkbox" : "radio";
      // The mouse chooses one of several at once; arrow keys only move, and Enter chooses.
      const props = this.multi
        ? { onChange: () => this.mark(value) }
        : { onClick: (event) => event.detail && this.mark(value), onKeydown: (event) => event.key === "Enter" && this.mark(value) };
      const box = h("input", { type: kind, name: `pick-${this.label}`, checked: this.marked.includes(value), ...props });
      return h("li", { key: value }, h("label", [box, text]));
    },
  },
  render() {
    const button = h(
      "button",
      { type: "button", class: "plain", "aria-expanded": String(this.open), "aria-haspopup": "dialog", onClick: this.toggle },
      [h("span", { class: "quiet" }, `${this.label}: `), this.said || "–"],
    );
    const field =
      this.options.length > SHORT &&
      h("input", {
        class: "find",
        type: "search",
        value: this.find,
        placeholder: this.words.find,
        "aria-label": this.words.find,
        onInput: (event) => (this.find = event.target.value),
      });
    const onKeydown = (event) => event.key === "Escape" && this.close();
    const list =
      this.open &&
      h("div", { class: "options", role: "dialog", "aria-label": this.label, onKeydown }, [
        field,
        h("ul", this.found.map(this.option)),
        !this.found.length && h("p", { class: "quiet" }, this.words.none),
        this.multi &&
          h("button", { type: "button", class: "plain", disabled: !this.marked.length, onClick: () => this.done(this.marked) }, this.words.apply),
      ]);
    return h("div", { class: "pick" }, [button, list]);
  },
};
