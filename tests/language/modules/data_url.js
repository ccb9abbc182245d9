// Modules from data: URLs.
import one, { two } from 'data:text/javascript,export default 1; export const two = "%32";';
import json from 'data:application/json;base64,eyJhIjpbMV19' with { type: 'json' };
import text from 'data:text/plain;charset=utf-8,hello%20%C3%BC' with { type: 'text' };
console.log(one, two, json, text);
const ns = await import(`data:text/javascript;base64,${btoa('import { sep } from "node:path"; export default sep;')}`);
console.log(ns.default);
console.log((await import('data:text/javascript,export default import.meta.url')).default);
for (const bad of ['data:text/css,a{}', 'data:text/javascript,import "./x.mjs"', 'data:application/json,1', 'data:nothing',
  'data:text/javascript,export default']) {
  try {
    await import(bad);
  } catch (error) {
    console.log(error.name, error.code);
  }
}
