// Says when it comes into sight and when it leaves it: what nobody sees is not asked for.
const { h } = Vue;
const NEAR = "200px"; // a little before

export default {
  mounted() {
    const tell = (entries) => this.$emit("seen", entries.at(-1).isIntersecting, document.body.classList.contains("body--dark"));
    this.watching = new IntersectionObserver(tell, { rootMargin: NEAR });
    this.watching.observe(this.$el);
  },
  unmounted() {
    this.watching?.disconnect();
  },
  render() {
    return h("article", this.$slots.default?.());
  },
};
