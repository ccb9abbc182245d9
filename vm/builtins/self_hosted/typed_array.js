// %TypedArray%.from and the methods of %TypedArray.prototype% that call back
// (ECMA-262 23.2.2.1, 23.2.3). An element that is gone because a callback
// shrank the buffer reads as undefined.

function TypedArrayFrom(source, mapper, thisArg) {
  const constructor = this;
  if (!%IsConstructor(constructor)) %ThrowTypeError("this is not a constructor");
  if (mapper !== undefined && !%IsCallable(mapper)) %ThrowNotCallable(mapper);
  const method = %GetMethod(source, %SymbolIterator());
  let from;
  let length;
  if (method !== undefined) {
    from = %IterableToList(source, method);
    length = from.length;
  } else {
    from = %ToObject(source);
    length = %LengthOfArrayLike(from);
  }
  const target = %TypedArrayCreateFrom(constructor, length);
  if (mapper === undefined) {
    %TypedArrayStoreAll(target, from, length);
  } else {
    for (let k = 0; k < length; k++) {
      target[k] = %Call(mapper, thisArg, from[k], k);
    }
  }
  return target;
}

function TypedArrayForEach(callback, thisArg) {
  const o = this;
  const length = %TypedArrayValidate(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  for (let k = 0; k < length; k++) %Call(callback, thisArg, o[k], k, o);
}

function TypedArrayMap(callback, thisArg) {
  const o = this;
  const length = %TypedArrayValidate(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  const result = %TypedArraySpeciesCreate(o, length);
  for (let k = 0; k < length; k++) {
    result[k] = %Call(callback, thisArg, o[k], k, o);
  }
  return result;
}

function TypedArrayFilter(callback, thisArg) {
  const o = this;
  const length = %TypedArrayValidate(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  const kept = [];
  let count = 0;
  for (let k = 0; k < length; k++) {
    const value = o[k];
    if (%Call(callback, thisArg, value, k, o)) {
      %CreateDataPropertyOrThrow(kept, count++, value);
    }
  }
  const result = %TypedArraySpeciesCreate(o, count);
  for (let k = 0; k < count; k++) result[k] = kept[k];
  return result;
}

function TypedArraySome(callback, thisArg) {
  const o = this;
  const length = %TypedArrayValidate(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  for (let k = 0; k < length; k++) {
    if (%Call(callback, thisArg, o[k], k, o)) return true;
  }
  return false;
}

function TypedArrayEvery(callback, thisArg) {
  const o = this;
  const length = %TypedArrayValidate(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  for (let k = 0; k < length; k++) {
    if (!%Call(callback, thisArg, o[k], k, o)) return false;
  }
  return true;
}

function TypedArrayReduce(callback) {
  const o = this;
  const length = %TypedArrayValidate(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  let k = 0;
  let accumulator;
  if (arguments.length > 1) {
    accumulator = arguments[1];
  } else {
    if (length === 0) %ThrowTypeError("Reduce of empty array with no initial value");
    accumulator = o[k++];
  }
  for (; k < length; k++) {
    accumulator = %Call(callback, undefined, accumulator, o[k], k, o);
  }
  return accumulator;
}

function TypedArrayReduceRight(callback) {
  const o = this;
  const length = %TypedArrayValidate(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  let k = length - 1;
  let accumulator;
  if (arguments.length > 1) {
    accumulator = arguments[1];
  } else {
    if (length === 0) %ThrowTypeError("Reduce of empty array with no initial value");
    accumulator = o[k--];
  }
  for (; k >= 0; k--) {
    accumulator = %Call(callback, undefined, accumulator, o[k], k, o);
  }
  return accumulator;
}

function TypedArrayFind(callback, thisArg) {
  const o = this;
  const length = %TypedArrayValidate(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  for (let k = 0; k < length; k++) {
    const value = o[k];
    if (%Call(callback, thisArg, value, k, o)) return value;
  }
}

function TypedArrayFindIndex(callback, thisArg) {
  const o = this;
  const length = %TypedArrayValidate(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  for (let k = 0; k < length; k++) {
    if (%Call(callback, thisArg, o[k], k, o)) return k;
  }
  return -1;
}

function TypedArrayFindLast(callback, thisArg) {
  const o = this;
  const length = %TypedArrayValidate(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  for (let k = length - 1; k >= 0; k--) {
    const value = o[k];
    if (%Call(callback, thisArg, value, k, o)) return value;
  }
}

function TypedArrayFindLastIndex(callback, thisArg) {
  const o = this;
  const length = %TypedArrayValidate(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  for (let k = length - 1; k >= 0; k--) {
    if (%Call(callback, thisArg, o[k], k, o)) return k;
  }
  return -1;
}

function TypedArraySort(compare) {
  if (compare !== undefined && !%IsCallable(compare)) {
    %ThrowTypeError("The comparison function must be either a function or undefined");
  }
  const o = this;
  const length = %TypedArrayValidate(o, true);
  if (compare === undefined) return %TypedArraySort(o);
  const list = %TypedArrayToList(o, length);
  const sorted = %Call(%SelfHosted("MergeSort"), undefined, list, compare);
  return %TypedArrayWriteBack(o, sorted);
}

function TypedArrayToSorted(compare) {
  if (compare !== undefined && !%IsCallable(compare)) {
    %ThrowTypeError("The comparison function must be either a function or undefined");
  }
  const copy = %TypedArrayCopy(this);
  if (compare === undefined) return %TypedArraySort(copy);
  const list = %TypedArrayToList(copy, %TypedArrayValidate(copy));
  const sorted = %Call(%SelfHosted("MergeSort"), undefined, list, compare);
  return %TypedArrayWriteBack(copy, sorted);
}
