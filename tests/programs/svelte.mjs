// svelte compiles components for the server and the browser.
import { compile, parse, preprocess } from "svelte/compiler";

const source = `<script>
  import Child from "./Child.svelte";
  let { items = [], title, ...rest } = $props();
  let count = $state(0), list = $state([1, 2]);
  const double = $derived(count * 2);
  $effect(() => { console.log(count); return () => {}; });
  function add() { count += 1; list.push(count); }
  const load = async () => 1;
</script>
<svelte:head><title>{title}</title></svelte:head>
<h1 class:big={count > 3} style:color="red" {...rest}>{title} {double}</h1>
{#each items as { id, name }, i (id)}<li onclick={() => add(i)}>{name}{@html name}</li>{:else}<p>none</p>{/each}
{#if count > 5}big{:else if count}small{:else}zero{/if}
{#await load() then value}{value}{:catch error}{error.message}{/await}
{#snippet row(x)}<td>{x}</td>{/snippet}{@render row(count)}
<Child bind:value={count} on:done={add}>{#key count}<b transition:fade>{count}</b>{/key}</Child>
<input bind:value={title} /><textarea bind:this={list[0]}></textarea>
<style>h1 { color: blue; &.big { margin: 0 } } :global(body) p { x: y } .unused { a: b }</style>`;
for (const generate of ["client", "server"]) {
  const { js, css, warnings } = compile(source.replace(" transition:fade", ""), { generate, filename: "App.svelte", dev: false });
  console.log(js.code);
  console.log(css?.code, js.map.mappings.length, warnings.map((w) => `${w.code} ${w.message}`));
}
console.log(JSON.stringify(parse(source, { modern: true })).length);
for (const bad of ["{#if x}", "<div>{@foo}</div>", "<script>let x = $state(;</script>", "{#each x}{/each}"]) {
  try {
    compile(bad, {});
  } catch (error) {
    console.log(error.code, error.message);
  }
}
const { code } = await preprocess(source, { markup: ({ content }) => ({ code: content.replace("none", "nothing") }) });
console.log(code.includes("nothing"));
