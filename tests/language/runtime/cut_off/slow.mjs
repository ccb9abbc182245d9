import { deep } from "./deeper.mjs";
export const value = deep + 1;
