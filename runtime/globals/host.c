// SPDX-License-Identifier: MIT
// rill:internal/host: what node:os says of the machine and its user.
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/io/files/call.h"
#include "runtime/io/net/granted.h"
#include "runtime/io/process/options.h"
#include "runtime/modules/native_modules.h"
#include "runtime/values.h"

static Value failed(Isolate *iso, int error, const char *call) {
  return vm_throw(iso, rt_system_error(iso, error, call, NULL, NULL));
}

static Value host_info(Isolate *iso, const NativeCall *call) {
  Object *o = vm_object_new(iso);
  uv_utsname_t name;
  uv_os_uname(&name);
  char host[256] = "localhost", home[1024] = "", temporary[1024] = "/tmp";
  if (!rt_of(iso)->options.deny_processes) {
    size_t size = sizeof host;
    uv_os_gethostname(host, &size);
    size = sizeof home;
    uv_os_homedir(home, &size);
    size = sizeof temporary;
    uv_os_tmpdir(temporary, &size);
  }
  double up = 0, load[3] = {0};
  uv_uptime(&up);
  uv_loadavg(load);
  Value loads[3];
  for (int i = 0; i < 3; i++)
    loads[i] = value_from_number(load[i]);
  Array *load_list = vm_array_from(iso, loads, 3);
  if (load_list == NULL ||
      !rt_put(iso, o, "sysname", rt_text_value(iso, name.sysname)) ||
      !rt_put(iso, o, "release", rt_text_value(iso, name.release)) ||
      !rt_put(iso, o, "version", rt_text_value(iso, name.version)) ||
      !rt_put(iso, o, "machine", rt_text_value(iso, name.machine)) ||
      !rt_put(iso, o, "hostname", rt_text_value(iso, host)) ||
      !rt_put(iso, o, "homedir", rt_text_value(iso, home)) ||
      !rt_put(iso, o, "tmpdir", rt_text_value(iso, temporary)) ||
      !rt_put_number(iso, o, "totalmem", (double)uv_get_total_memory()) ||
      !rt_put_number(iso, o, "freemem", (double)uv_get_free_memory()) ||
      !rt_put_number(iso, o, "uptime", up) ||
      !rt_put_number(iso, o, "parallelism", uv_available_parallelism()) ||
      !rt_put(iso, o, "loadavg", value_from_cell(load_list)))
    return VALUE_EXCEPTION;
  return value_from_cell(o);
}

static bool push_processor(Isolate *iso, Array *list, const uv_cpu_info_t *c) {
  Object *times = vm_object_new(iso), *o = vm_object_new(iso);
  return rt_put_number(iso, times, "user", (double)c->cpu_times.user) &&
         rt_put_number(iso, times, "nice", (double)c->cpu_times.nice) &&
         rt_put_number(iso, times, "sys", (double)c->cpu_times.sys) &&
         rt_put_number(iso, times, "idle", (double)c->cpu_times.idle) &&
         rt_put_number(iso, times, "irq", (double)c->cpu_times.irq) &&
         rt_put(iso, o, "model", rt_text_value(iso, c->model)) &&
         rt_put_number(iso, o, "speed", c->speed) &&
         rt_put(iso, o, "times", value_from_cell(times)) &&
         vm_array_push(iso, list, value_from_cell(o));
}

static Value processors(Isolate *iso, const NativeCall *call) {
  uv_cpu_info_t *all;
  int count, error = uv_cpu_info(&all, &count);
  if (error != 0) return failed(iso, error, "uv_cpu_info");
  Array *list = vm_array_new(iso, 0);
  bool good = true;
  for (int i = 0; i < count && good; i++)
    good = push_processor(iso, list, &all[i]);
  uv_free_cpu_info(all, count);
  return good ? value_from_cell(list) : VALUE_EXCEPTION;
}

static bool push_interface(Isolate *iso, Array *list,
                           const uv_interface_address_t *a) {
  char address[64], mask[64], mac[18];
  bool v6 = a->address.address4.sin_family == AF_INET6;
  if (v6) {
    uv_ip6_name(&a->address.address6, address, sizeof address);
    uv_ip6_name(&a->netmask.netmask6, mask, sizeof mask);
  } else {
    uv_ip4_name(&a->address.address4, address, sizeof address);
    uv_ip4_name(&a->netmask.netmask4, mask, sizeof mask);
  }
  const unsigned char *p = (const unsigned char *)a->phys_addr;
  snprintf(mac, sizeof mac, "%02x:%02x:%02x:%02x:%02x:%02x", p[0], p[1], p[2],
           p[3], p[4], p[5]);
  Object *o = vm_object_new(iso);
  return rt_put(iso, o, "name", rt_text_value(iso, a->name)) &&
         rt_put(iso, o, "address", rt_text_value(iso, address)) &&
         rt_put(iso, o, "netmask", rt_text_value(iso, mask)) &&
         rt_put(iso, o, "family", rt_text_value(iso, v6 ? "IPv6" : "IPv4")) &&
         rt_put(iso, o, "mac", rt_text_value(iso, mac)) &&
         rt_put(iso, o, "internal", value_from_bool(a->is_internal)) &&
         (!v6 || rt_put_number(iso, o, "scopeid",
                               a->address.address6.sin6_scope_id)) &&
         vm_array_push(iso, list, value_from_cell(o));
}

static Value interfaces(Isolate *iso, const NativeCall *call) {
  if (!net_check_whole(rt_of(iso))) return VALUE_EXCEPTION;
  uv_interface_address_t *all;
  int count, error = uv_interface_addresses(&all, &count);
  if (error != 0) return failed(iso, error, "uv_interface_addresses");
  Array *list = vm_array_new(iso, 0);
  bool good = true;
  for (int i = 0; i < count && good; i++)
    good = push_interface(iso, list, &all[i]);
  uv_free_interface_addresses(all, count);
  return good ? value_from_cell(list) : VALUE_EXCEPTION;
}

static Value user_info(Isolate *iso, const NativeCall *call) {
  if (!child_allowed(rt_of(iso))) return VALUE_EXCEPTION;
  uv_passwd_t user;
  int error = uv_os_get_passwd(&user);
  if (error != 0) return failed(iso, error, "uv_os_get_passwd");
  Object *o = vm_object_new(iso);
  bool good =
      rt_put_number(iso, o, "uid", (double)user.uid) &&
      rt_put_number(iso, o, "gid", (double)user.gid) &&
      rt_put(iso, o, "username", rt_text_value(iso, user.username)) &&
      rt_put(iso, o, "homedir", rt_text_value(iso, user.homedir)) &&
      rt_put(iso, o, "shell",
             user.shell == NULL ? VALUE_NULL : rt_text_value(iso, user.shell));
  uv_os_free_passwd(&user);
  return good ? value_from_cell(o) : VALUE_EXCEPTION;
}

// priority(pid)
static Value get_priority(Isolate *iso, const NativeCall *call) {
  if (!child_allowed(rt_of(iso))) return VALUE_EXCEPTION;
  int priority;
  int error =
      uv_os_getpriority((uv_pid_t)value_as_number(call->argv[0]), &priority);
  return error == 0 ? value_from_int(priority)
                    : failed(iso, error, "uv_os_getpriority");
}

// setPriority(pid, priority)
static Value set_priority(Isolate *iso, const NativeCall *call) {
  if (!child_allowed(rt_of(iso))) return VALUE_EXCEPTION;
  int error = uv_os_setpriority((uv_pid_t)value_as_number(call->argv[0]),
                                (int)value_as_number(call->argv[1]));
  return error == 0 ? VALUE_UNDEFINED : failed(iso, error, "uv_os_setpriority");
}

static const NativeExport host_exports[] = {
    {"hostInfo", host_info, 0},       {"interfaces", interfaces, 0},
    {"priority", get_priority, 1},    {"processors", processors, 0},
    {"setPriority", set_priority, 2}, {"userInfo", user_info, 0},
};
const NativeModule rt_host_module =
    NATIVE_MODULE("rill:internal/host", host_exports);
