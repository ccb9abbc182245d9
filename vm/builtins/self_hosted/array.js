// Array.prototype methods that call back (ECMA-262 23.1.3). Steps follow the
// specification; `k in o` is HasProperty.

function ArrayForEach(callback, thisArg) {
  const o = %ToObject(this);
  const length = %LengthOfArrayLike(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  for (let k = 0; k < length; k++) {
    if (k in o) %Call(callback, thisArg, o[k], k, o);
  }
}

function ArrayMap(callback, thisArg) {
  const o = %ToObject(this);
  const length = %LengthOfArrayLike(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  const result = %ArraySpeciesCreate(o, length);
  for (let k = 0; k < length; k++) {
    if (k in o) {
      %CreateDataPropertyOrThrow(result, k, %Call(callback, thisArg, o[k], k, o));
    }
  }
  return result;
}

function ArrayFilter(callback, thisArg) {
  const o = %ToObject(this);
  const length = %LengthOfArrayLike(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  const result = %ArraySpeciesCreate(o, 0);
  let to = 0;
  for (let k = 0; k < length; k++) {
    if (k in o) {
      const value = o[k];
      if (%Call(callback, thisArg, value, k, o)) {
        %CreateDataPropertyOrThrow(result, to++, value);
      }
    }
  }
  return result;
}

function ArraySome(callback, thisArg) {
  const o = %ToObject(this);
  const length = %LengthOfArrayLike(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  for (let k = 0; k < length; k++) {
    if (k in o && %Call(callback, thisArg, o[k], k, o)) return true;
  }
  return false;
}

function ArrayEvery(callback, thisArg) {
  const o = %ToObject(this);
  const length = %LengthOfArrayLike(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  for (let k = 0; k < length; k++) {
    if (k in o && !%Call(callback, thisArg, o[k], k, o)) return false;
  }
  return true;
}

function ArrayReduce(callback) {
  const o = %ToObject(this);
  const length = %LengthOfArrayLike(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  let k = 0;
  let accumulator;
  if (arguments.length > 1) {
    accumulator = arguments[1];
  } else {
    while (k < length && !(k in o)) k++;
    if (k >= length) %ThrowTypeError("Reduce of empty array with no initial value");
    accumulator = o[k++];
  }
  for (; k < length; k++) {
    if (k in o) accumulator = %Call(callback, undefined, accumulator, o[k], k, o);
  }
  return accumulator;
}

function ArrayReduceRight(callback) {
  const o = %ToObject(this);
  const length = %LengthOfArrayLike(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  let k = length - 1;
  let accumulator;
  if (arguments.length > 1) {
    accumulator = arguments[1];
  } else {
    while (k >= 0 && !(k in o)) k--;
    if (k < 0) %ThrowTypeError("Reduce of empty array with no initial value");
    accumulator = o[k--];
  }
  for (; k >= 0; k--) {
    if (k in o) accumulator = %Call(callback, undefined, accumulator, o[k], k, o);
  }
  return accumulator;
}

function ArrayFind(callback, thisArg) {
  const o = %ToObject(this);
  const length = %LengthOfArrayLike(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  for (let k = 0; k < length; k++) {
    const value = o[k];
    if (%Call(callback, thisArg, value, k, o)) return value;
  }
}

function ArrayFindIndex(callback, thisArg) {
  const o = %ToObject(this);
  const length = %LengthOfArrayLike(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  for (let k = 0; k < length; k++) {
    if (%Call(callback, thisArg, o[k], k, o)) return k;
  }
  return -1;
}

function ArrayFindLast(callback, thisArg) {
  const o = %ToObject(this);
  const length = %LengthOfArrayLike(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  for (let k = length - 1; k >= 0; k--) {
    const value = o[k];
    if (%Call(callback, thisArg, value, k, o)) return value;
  }
}

function ArrayFindLastIndex(callback, thisArg) {
  const o = %ToObject(this);
  const length = %LengthOfArrayLike(o);
  if (!%IsCallable(callback)) %ThrowNotCallable(callback);
  for (let k = length - 1; k >= 0; k--) {
    if (%Call(callback, thisArg, o[k], k, o)) return k;
  }
  return -1;
}

function ArrayFlatMap(callback, thisArg) {
  const o = %ToObject(this);
  const length = %LengthOfArrayLike(o);
  if (!%IsCallable(callback)) {
    %ThrowTypeError("flatMap mapper function is not callable");
  }
  const result = %ArraySpeciesCreate(o, 0);
  let to = 0;
  for (let k = 0; k < length; k++) {
    if (k in o) {
      const mapped = %Call(callback, thisArg, o[k], k, o);
      if (%IsArray(mapped)) {
        const count = %LengthOfArrayLike(mapped);
        for (let i = 0; i < count; i++) {
          if (i in mapped) %CreateDataPropertyOrThrow(result, to++, mapped[i]);
        }
      } else {
        %CreateDataPropertyOrThrow(result, to++, mapped);
      }
    }
  }
  return result;
}

// A stable merge sort of the dense list by a comparator: binary insertion for
// short runs, then bottom-up merging between two lists. Returns the sorted list.
function MergeSort(list, compare) {
  if (%SortByDifference(list, compare)) return list;
  const length = list.length;
  const run = 8;
  for (let start = 0; start < length; start += run) {
    const end = start + run < length ? start + run : length;
    for (let i = start + 1; i < end; i++) {
      const value = list[i];
      let low = start;
      let high = i;
      while (low < high) {
        const middle = (low + high) >> 1;
        const order = %ToNumber(%Call(compare, undefined, value, list[middle]));
        if (order < 0) high = middle;
        else low = middle + 1;
      }
      for (let k = i; k > low; k--) list[k] = list[k - 1];
      list[low] = value;
    }
  }
  let from = list;
  let to = length > run ? %ArrayCreate(length) : list;
  for (let width = run; width < length; width *= 2) {
    for (let start = 0; start < length; start += 2 * width) {
      const middle = start + width < length ? start + width : length;
      const end = start + 2 * width < length ? start + 2 * width : length;
      let left = start;
      let right = middle;
      for (let k = start; k < end; k++) {
        if (left >= middle) {
          to[k] = from[right++];
        } else if (right >= end) {
          to[k] = from[left++];
        } else {
          const order =
              %ToNumber(%Call(compare, undefined, from[right], from[left]));
          to[k] = order < 0 ? from[right++] : from[left++];
        }
      }
    }
    const swap = from;
    from = to;
    to = swap;
  }
  return from;
}

function ArraySort(compare) {
  if (compare !== undefined && !%IsCallable(compare)) {
    %ThrowTypeError("The comparison function must be either a function or undefined");
  }
  const o = %ToObject(this);
  const length = %LengthOfArrayLike(o);
  // The values present and not undefined; undefined sorts last, holes after.
  const list = [];
  const undefinedCount = %SortCollect(o, length, true, list);
  const sorted = compare === undefined
      ? %SortByString(list)
      : %Call(%SelfHosted("MergeSort"), undefined, list, compare);
  return %SortWriteBack(o, sorted, undefinedCount, length);
}

function ArrayToSorted(compare) {
  if (compare !== undefined && !%IsCallable(compare)) {
    %ThrowTypeError("The comparison function must be either a function or undefined");
  }
  const o = %ToObject(this);
  const length = %LengthOfArrayLike(o);
  const result = %ArrayCreate(length);
  const list = [];
  const undefinedCount = %SortCollect(o, length, false, list);
  const sorted = compare === undefined
      ? %SortByString(list)
      : %Call(%SelfHosted("MergeSort"), undefined, list, compare);
  return %SortWriteBack(result, sorted, undefinedCount, length);
}

async function ArrayFromAsync(items, mapper, thisArg) {
  if (mapper !== undefined && !%IsCallable(mapper)) %ThrowNotCallable(mapper);
  let method = %GetMethod(items, %SymbolAsyncIterator());
  let isSync = false;
  if (method === undefined) {
    method = %GetMethod(items, %SymbolIterator());
    isSync = method !== undefined;
  }
  if (method !== undefined) {
    const result = %IsConstructor(this) ? new this() : %ArrayCreate(0);
    const iterator = isSync
        ? %AsyncFromSyncIterator(items, method)
        : %Call(method, items);
    if (!%IsObject(iterator)) %ThrowTypeError("iterator is not an object");
    const next = iterator.next;
    let k = 0;
    for (;;) {
      const step = await %Call(next, iterator);
      if (!%IsObject(step)) {
        %ThrowTypeError("iterator result is not an object");
      }
      if (step.done) {
        %SetLength(result, k);
        return result;
      }
      let value = step.value;
      try {
        if (mapper !== undefined) {
          value = await %Call(mapper, thisArg, value, k);
        }
        %CreateDataPropertyOrThrow(result, k, value);
      } catch (error) {
        try {
          const close = %GetMethod(iterator, "return");
          if (close !== undefined) await %Call(close, iterator);
        } catch {
        }
        throw error;
      }
      k++;
    }
  }
  const arrayLike = %ToObject(items);
  const length = %LengthOfArrayLike(arrayLike);
  const result = %IsConstructor(this) ? new this(length) : %ArrayCreate(length);
  for (let k = 0; k < length; k++) {
    let value = await arrayLike[k];
    if (mapper !== undefined) value = await %Call(mapper, thisArg, value, k);
    %CreateDataPropertyOrThrow(result, k, value);
  }
  %SetLength(result, length);
  return result;
}
