// vue compiles templates, renders them on the server, and tracks effects.
const { compile, computed, createSSRApp, effect, h, nextTick, reactive, ref, watch } = require("vue");
const { renderToString } = require("vue/server-renderer");
const { compile: compileDom } = require("@vue/compiler-dom");
const { compileScript, compileTemplate, parse } = require("@vue/compiler-sfc");

const template = `<div :class="[{ on: active }, 'x']" :style="{ color }" @click.prevent="go($event)" v-bind="rest">
  <p v-if="items.length > 2">{{ title.toUpperCase() }}</p><p v-else-if="title">{{ title }}</p><template v-else>none</template>
  <li v-for="({ id, name }, i) in items" :key="id" v-memo="[id]">{{ i }}: {{ name ?? "?" }} <slot :name="'s' + id" :item="id">default {{ id }}</slot></li>
  <input v-model.trim="title" v-focus.lazy:arg="1"><component :is="tag"/><span v-text="title" v-once></span><b v-html="raw" v-show="active"></b>
  <MyChild v-slot="{ x }" v-model:value="title">{{ x }}</MyChild></div>`;
console.log(compileDom(template, { mode: "module", prefixIdentifiers: true, hoistStatic: true, cacheHandlers: true }).code);
const sfc = `<script setup lang="ts">
import { ref } from "vue"
const props = defineProps<{ a?: string, b: number[] }>()
const emit = defineEmits<{ (e: "change", id: number): void }>()
const n = ref(props.b.length)
</script>
<template><button @click="emit('change', n++)">{{ a }} {{ n }}</button></template>
<style scoped>button { color: v-bind(a) }</style>`;
const { descriptor, errors } = parse(sfc, { filename: "a.vue" });
console.log(errors, compileScript(descriptor, { id: "x", inlineTemplate: true }).content);
console.log(compileTemplate({ source: template, filename: "a.vue", id: "x", ssr: true, ssrCssVars: [] }).code);
const Child = { props: ["value"], setup: (props, { slots }) => () => h("i", [props.value, slots.default?.({ x: 42 })]) };
const app = createSSRApp({
  components: { MyChild: Child }, template: template.replace("v-focus.lazy:arg=\"1\"", ""),
  data: () => ({ active: true, color: "red", rest: { id: "a" }, title: "t & t", tag: "hr", raw: "<u>1</u>", items: Array.from({ length: 50 }, (_, id) => ({ id, name: id % 3 ? `n${id}` : null })) }),
  methods: { go() {} },
});
renderToString(app).then(async (html) => {
  console.log(html);
  const state = reactive({ list: [1, 2, 3], deep: { map: new Map([["k", 1]]) } }), times = ref(2);
  const sum = computed(() => state.list.reduce((a, b) => a + b, 0) * times.value);
  effect(() => console.log("sum", sum.value, state.deep.map.get("k")));
  watch(() => state.list.length, (now, before) => console.log("length", before, now));
  state.list.push(4);
  times.value = 10;
  state.deep.map.set("k", 5);
  await nextTick();
  for (let i = 0; i < 20000; i++) state.list[i % 4] = i;
  console.log(sum.value);
});
