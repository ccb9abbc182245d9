#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""rill is installed into a folder and found there by pkg-config and by CMake,
and as a subproject of Meson's: what each finds builds examples/embed.c. Tools
that are not there are left out, and said so.

Usage: check_packages.py BUILD SOURCE PREFIX LIBDIR CC CXX
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

build, source, prefix, libdir, cc, cxx = sys.argv[1:]


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], text=True,
                          capture_output=True, timeout=250, **options)
    if done.returncode != 0:
        sys.exit(f"{command}:\n{done.stdout}{done.stderr}")
    return done.stdout


def installed(folder):
    """Only what embedders need: the program is not built for this."""
    run("meson", "install", "-C", build, "--no-rebuild", "--destdir", folder)
    return folder / prefix.lstrip("/")


def by_pkg_config(root, folder):
    path = f"{root / libdir / 'pkgconfig'}:{os.environ.get('PKG_CONFIG_PATH', '')}"
    flags = run("pkg-config", f"--define-variable=prefix={root}", "--cflags",
                "--libs", "rill",
                env={**os.environ, "PKG_CONFIG_PATH": path}).split()
    for compiler, name in [(cc, "embed.c"), (cxx, "wrapper.cpp")]:
        standard = ["-std=c++17"] if name.endswith("cpp") else []
        program = folder / name.replace(".", "-")
        run(*compiler.split(), *standard, f"{source}/examples/{name}", *flags,
            "-o", program)
        run(program, env={**os.environ, "LD_LIBRARY_PATH": str(root / libdir)})


def by_cmake(root, folder):
    (folder / "CMakeLists.txt").write_text(f"""
cmake_minimum_required(VERSION 3.13)
project(embedder C)
find_package(Rill 0.1 REQUIRED CONFIG)
add_executable(embed "{source}/examples/embed.c")
target_link_libraries(embed PRIVATE Rill::rill)
""")
    run("cmake", "-S", folder, "-B", folder / "out",
        f"-DRill_DIR={root / libdir / 'cmake/Rill'}",
        f"-DCMAKE_C_COMPILER={cc.split()[-1]}")
    run("cmake", "--build", folder / "out")
    run(folder / "out/embed")


def by_meson(folder):
    """Configured only: building would build all of rill once more."""
    (folder / "subprojects").mkdir()
    (folder / "subprojects/rill").symlink_to(source)
    (folder / "meson.build").write_text("""
project('embedder', 'c')
rill = dependency('rill', version: '>=0.1', fallback: 'rill')
executable('embed', 'embed.c', dependencies: rill)
""")
    shutil.copy(f"{source}/examples/embed.c", folder)
    run("meson", "setup", folder / "out", folder, "--wrap-mode=forcefallback",
        env={**os.environ, "CC": cc, "CXX": cxx})
    targets = run("meson", "introspect", "--targets", folder / "out")
    assert '"embed"' in targets and '"rill"' in targets


with tempfile.TemporaryDirectory() as name:
    destination = pathlib.Path(name) / "destination"
    prefix_folder = installed(destination)
    for tool, check in [
            ("pkg-config",
             lambda f: by_pkg_config(prefix_folder, f)),
            ("cmake", lambda f: by_cmake(prefix_folder, f)),
            ("meson", by_meson)]:
        if shutil.which(tool) is None:
            print(f"{tool} is not installed: skipped")
            continue
        own = pathlib.Path(name) / tool
        own.mkdir()
        check(own)
        print(f"{tool}: works")
