// SPDX-License-Identifier: MIT
#include "runtime/io/net/module.h"

#include "runtime/modules/native_modules.h"

Value net_call_with_options(Isolate *iso, const NativeCall *call,
                            const char *operation, Value *argument) {
  Value options = native_argument(call, 1);
  Value first = native_argument(call, 0);
  if (value_is_object(first) && !value_is_typed_array(first) &&
      !value_is_any_buffer(first) && !value_is_kind(first, CELL_DATA_VIEW)) {
    options = first;
    first = VALUE_UNDEFINED;
    if (argument != NULL) *argument = first;
  }
  return net_limited_call(iso, &rt_of(iso)->network->cancellable,
                          call->this_value, operation, first, options);
}

Value net_limited_call(Isolate *iso, const GcRoot *run, Value handle,
                       const char *operation, Value argument, Value options) {
  if (!value_is_object(options)) return VALUE_EMPTY;
  Object *o = value_as_object(options);
  Value signal = vm_get(iso, o, vm_key_from_c("signal"));
  if (value_is_exception(signal)) return signal;
  Value timeout = vm_get(iso, o, vm_key_from_c("timeout"));
  if (value_is_exception(timeout)) return timeout;
  if (value_is_undefined(signal) && value_is_undefined(timeout))
    return VALUE_EMPTY;
  String *name = vm_string_from_c(iso, operation);
  if (name == NULL) return VALUE_EXCEPTION;
  Value arguments[] = {handle, value_from_cell(name), argument, signal,
                       timeout};
  return vm_call(iso, run->word, VALUE_UNDEFINED, 5, arguments);
}

// setUp(Connection.prototype, Listener.prototype, Datagram.prototype,
// cancellable)
static Value set_up(Isolate *iso, const NativeCall *call) {
  Network *net = net_of(rt_of(iso));
  if (net == NULL) return VALUE_EXCEPTION;
  net->prototypes[NET_CONNECTION].word = call->argv[0];
  net->prototypes[NET_LISTENER].word = call->argv[1];
  net->prototypes[NET_DATAGRAM].word = call->argv[2];
  net->cancellable.word = call->argv[3];
  return VALUE_UNDEFINED;
}

static const NativeExport net_exports[] = {
    {"abort", net_abort, 0},
    {"accept", net_accept, 0},
    {"addressFamily", net_address_family, 1},
    {"cancelAccept", net_cancel_accept, 1},
    {"cancelLookup", net_cancel_lookup, 1},
    {"cancelRead", net_cancel_read, 1},
    {"cancelReceive", net_cancel_receive, 1},
    {"cancelSend", net_cancel_send, 2},
    {"close", net_close_connection, 0},
    {"closeDatagram", net_close_datagram, 0},
    {"closeListener", net_close_listener, 0},
    {"closeWrite", net_close_write, 0},
    {"connectTo", net_connect_to, 3},
    {"connectionAddress", net_connection_address, 2},
    {"datagramAddress", net_datagram_address, 1},
    {"datagramOption", net_datagram_option, 4},
    {"listen", net_listen, 5},
    {"listenerAddress", net_listener_address, 1},
    {"lookup", net_lookup, 3},
    {"newConnection", net_new_connection, 1},
    {"newDatagram", net_new_datagram, 4},
    {"read", net_read, 0},
    {"newPair", net_new_pair, 0},
    {"receive", net_receive, 0},
    {"reference", net_reference, 2},
    {"referenceConnection", net_reference_connection, 2},
    {"referenceDatagram", net_reference_datagram, 2},
    {"reverse", net_reverse, 2},
    {"send", net_send, 3},
    {"setKeepAlive", net_set_keep_alive, 2},
    {"setNoDelay", net_set_no_delay, 1},
    {"setUp", set_up, 4},
    {"unread", net_unread, 2},
    {"write", net_write, 1},
};
const NativeModule rt_net_module =
    NATIVE_MODULE("rill:internal/net", net_exports);
