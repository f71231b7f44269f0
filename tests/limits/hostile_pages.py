# ruff: noqa: E501
"""Pages that try to take more than they may: each one quantity, as large as a page of a megabyte can make it."""

from __future__ import annotations

from collections.abc import Mapping


def page(graph: str, input: str = "[3, 8, 8]", **parts: str) -> str:
    head = "".join(f"{name}: {text}\n" for name, text in parts.items())
    return f"archspec: 1\nname: net\ninput: {input}\n{head}graph: {graph}\n"


def lines(*each: str) -> str:
    return "\n" + "\n".join(f"  {line}" for line in each)


def many(text: str, count: int) -> list[str]:
    """So many lines, `{}` being the number of each."""
    return [text.replace("{}", str(number)) for number in range(count)]


LONG = "[1] * 4499 + [2]"
DEAR = " or ".join([f"{LONG} in b"] * 20)
WIDE = "{let: let, b: '[[1] * 4500, [1] * 4500]'}"

HOSTILE: Mapping[str, str] = {
    # numbers
    "layers": page("[{lstm: 4, num_layers: 100000000}]", "[5, 6]"),
    "layers_by_settings": page("[{gru: 4, num_layers: n}]", "[5, 6]", params="{n: 1000000000000}"),
    "many_layers": page("[{lstm: 4, num_layers: 2000, repeat: 2000}]", "[5, 4]"),
    "chunks": page("[{chunk: 100000000}]", "[1000000000]"),
    "split_in_ones": page("[{split: 1}]", "[1000000000]"),
    "split_often": page(lines(*many("s{}: {split: 1, from: input}", 3000)), "[10000]"),
    "long_integer": page("[{conv: " + "9" * 10_000 + ", kernel_size: 1}]"),
    "hex_integer": page("[{conv: 0x" + "f" * 500_000 + ", kernel_size: 1}]"),
    "octal_integer": page("[{conv: 0o" + "7" * 500_000 + ", kernel_size: 1}]"),
    "long_float": page("[{dropout: 0." + "9" * 500_000 + "}]"),
    "huge_float": page("[{dropout: 1e" + "9" * 50 + "}]"),
    "power": page("[{conv: 10 ** 10 ** 10, kernel_size: 1}]"),
    "powers_of_powers": page("[{conv: " + " ** ".join(["9"] * 99) + ", kernel_size: 1}]"),
    "huge_fields": page("[{conv: 1000000000, kernel_size: 1000000000, padding: 1000000000, stride: 1000000000}]"),
    "huge_padding": page("[{pad: 100000000000000}]"),
    "huge_kernels": page("[{conv: 999999999, kernel_size: 999, padding: 499, repeat: 1000}]"),
    "huge_embedding": page("[{embedding: 1000000000000, embedding_dim: 1000000}]", "{x: {shape: [T], dtype: int64}}"),
    "parameters_in_all": page("[{linear: 1000000, repeat: 90000}]", "[1000000]"),
    "elements_in_all": page("[{upsample: 1000, repeat: 5}, {relu: , repeat: 90000}]"),
    "sizes_explode": page("[{upsample: 1000, repeat: 100000}]"),
    "symbolic_sizes_explode": page("[{upsample: 1000, repeat: 100000}]", "[3, H, W]"),
    "huge_input": page("[relu]", "[" + ", ".join(["999999999"] * 20000) + "]"),
    # lists
    "long_list": page("[relu]", params="{a: [" + "1," * 49_000 + "]}"),
    "long_list_in_a_field": page("[{reshape: [" + "1, " * 49_000 + "-1]}]"),
    "lists_of_lists": page("[relu]", params="{a: '[[0] * 10000] * 10000'}"),
    "lists_doubled": page("[relu]", let="{" + ", ".join(f"a{n}: 'a{n - 1} + a{n - 1}'" if n else "a0: '[1]'" for n in range(60)) + "}"),
    "lists_nested": page("[relu]", let="{" + ", ".join(f"a{n}: '[a{n - 1}, a{n - 1}]'" if n else "a0: '[1]'" for n in range(60)) + "}"),
    "list_in_each_copy": page(lines('"c{i}": {relu: , repeat: 50000, when: "len([1] * 9999) > i"}', "last: {relu: , from: input}")),
    "words_multiplied": page("[relu]", let="{a: '\"x\" * 1000000000'}"),
    "connections": page("[{conv: 2, kernel_size: 1, connections: '[[0] * 4000, [0] * 4000]', repeat: 1}]"),
    "capsules": page("[{capsule_routing: 100000000, out_features: 100000000}]", "[1152, 8]"),
    # expressions
    "cost_in_total": page(lines("a: relu", "'c{i}': {relu: , repeat: 400, when: '" + DEAR + "'}"), "[3]", let="{b: '[[1] * 4500, [1] * 4500]'}"),
    "cost_by_lines": page(lines("a: relu", *many("c{}: {relu: , when: '" + DEAR[:900].rpartition(" or ")[0] + "'}", 900)), "[3]", let="{b: '[[1] * 4500, [1] * 4500]'}"),
    "cost_in_names": page(lines('"c{i + 0 * len([1] * 9999)}": {relu: , repeat: 50000}', "last: {relu: , from: input}")),
    "cost_in_blocks": page("[{unit: 3, repeat: 20000}]", blocks="{unit: {params: {w: int}, let: {a: 'sum([1] * 9999)', b: 'max([1] * 9999)'}, graph: [relu]}}"),
    "cost_in_sums": page("[{conv: 'sum([1] * 9999) - 9998', kernel_size: 1, repeat: 30000}]", "[1, 2, 2]"),
    "cost_in_rounding": page("[{conv: 'round(sum([0.1] * 9999)) - 999', kernel_size: 1, repeat: 30000}]", "[1, 2, 2]"),
    "comparisons_of_lists": page("[{relu: , when: 'a == b or a != b', repeat: 90000}]", let="{a: '[0] * 10000', b: '[0] * 9999 + [1]'}"),
    "symbolic_powers": page("[relu]", "[3, H, W]", let="{a: '1'}", blocks="{u: {let: {a: '(input.shape[1] + input.shape[2]) ** 16', b: 'a ** 16', c: 'b ** 16'}, graph: [relu]}}").replace("[relu]\n", "[u]\n"),
    "symbolic_forks": page("[{fork: , repeat: 200}]", "[3, H]", blocks="{fork: {graph: {a: {max_pool: 2}, b: {max_pool: 3, from: input}, c: {max_pool: 5, from: input}, j: {concat: [a, b, c], dim: 2}}}}"),
    "symbolic_paths": page(lines(*many("n{}: {max_pool: {}9, stride: {}7, from: input}", 3000)), "[3, H, W]"),
    "symbolic_joins": page(lines(*many("n{}: {max_pool: 3, stride: {}7, from: input}", 60), *[f"j{a}_{b}: {{concat: [n{a}, n{b}]}}" for a in range(1, 60) for b in range(a)]), "[3, H]"),
    # copies
    "copies_of_copies": page("[{graph: [{graph: [{relu: , repeat: 1000}], repeat: 1000}], repeat: 1000}]"),
    "groups_of_groups": page("[" + "{nodes: [" * 20 + "relu" + "], repeat: 100}" * 20 + "]"),
    "copies_switched_off": page("[{nodes: [{relu: , when: false, repeat: 100000}], repeat: 100000}, relu]"),
    "blocks_of_blocks": page("[b0]", blocks="{" + ", ".join(f"b{n}: {{graph: [b{n + 1}, b{n + 1}]}}" for n in range(40)) + ", b40: {graph: [relu]}}"),
    "standard_blocks": page("[{bottleneck: 64, repeat: 30000}]", "[256, 8, 8]"),
    "rows": page("[{relu: , each: {columns: [a], rows: rows}}]", params="{rows: '[[1]] * 9000'}"),
    "rows_written": page("[{relu: , each: {columns: [a], rows: [" + "[1]," * 30000 + "]}}]"),
    "rows_of_columns": page("[{relu: , each: {columns: [" + ", ".join(many("c{}", 9000)) + "], rows: rows}}]", params="{rows: '[[1] * 9000]'}"),
    "columns_times_copies": page("[{nodes: [{relu: , repeat: 90}], each: {columns: [" + ", ".join(many("c{}", 90)) + "], rows: rows}}]", params="{rows: '[[1] * 90] * 100'}"),
    "names_in_from": page(lines("a0: relu", 'j: {concat: [{from: "a0", repeat: 100000}, {from: "a0", repeat: 100000}]}')),
    "joins_of_all": page(lines(*many("a{}: {relu: , from: input}", 400), *many("j{}: {concat: [" + ", ".join(f"a{n}" for n in range(400)) + "]}", 200))),
    "over_many": page(lines("s: {chunk: 9000, from: input}", "o: {relu: , over: s}"), "[9000]"),
    "over_of_over": page(lines("s: {chunk: 3000, from: input}", *many('"o{}_{i}": {relu: , over: s}', 30)), "[3000]"),
    "shares": page(lines("a: {conv: 3, kernel_size: 1}", '"b{i}": {share: a, repeat: 90000}')),
    "shared_blocks": page(lines("a: [{relu: , repeat: 2000}]", '"b{i}": {share: a, repeat: 2000, from: input}', "c: {relu: , from: input}"), "[3, 4]"),
    "shared_on_other_sizes": page(lines("a: [{relu: , repeat: 2000}]", '"p{i}": {pad: [0, i + 1], repeat: 200, from: input}', '"b{i}": {share: a, repeat: 200, from: "p{i}"}', "c: {relu: , from: input}"), "[3, 4]"),
    "parts": page(lines(*many("p{}: {use: densenet201, from: input}", 200)), "[3, 224, 224]"),
    "parts_of_other_settings": page(lines(*many("p{}: {use: efficientnet_b7, num_classes: {}1, from: input}", 150)), "[3, 600, 600]"),
    # names and depth
    "long_name": page(lines("? " + "a" * 300_000, ": relu")),
    "long_template": page(lines('? "' + "a" * 100_000 + '{i}"', ": {relu: , repeat: 100}", "b: relu")),
    "long_templates": page(lines('? "' + "a" * 2000 + '{i}"', ": {relu: , repeat: 50000}", "b: relu")),
    "long_addresses": page("[" + "".join(f"{{graph: {{{'a' * 250}{n}: " for n in range(40)) + "{relu: , repeat: 1}" + "}}" * 40 + ", {relu: , repeat: 3}]"),
    "many_holes": page(lines('? "' + "{i}" * 30_000 + '"', ": {relu: , repeat: 100}", "b: relu")),
    "long_word": page("[" + "a" * 900_000 + "]"),
    "deep_lists": page("[" * 300_000 + "relu" + "]" * 300_000),
    "deep_mappings": page("{a: " * 200_000 + "relu" + "}" * 200_000),
    "deep_expression": page("[{conv: '" + "(" * 400 + "1" + ")" * 400 + "', kernel_size: 1}]"),
    "aliases": "archspec: 1\nname: net\ninput: [3]\na: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(f"b{n}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(9)) + "graph: [relu]\n",
    "anchors": "".join(f"a{n}: &x{n} 1\n" for n in range(40_000)) + page("[relu]"),
    "unknown_aliases": page("[" + ", ".join(many("*unknown_alias_{}", 40_000)) + "]"),
    # floods of errors
    "unknown_ops": page(lines(*many("n{}: unknown_op_{}", 20_000))),
    "unknown_fields": page(lines(*many("n{}: {conv: 3, kernel_size: 1, unknown_{}: 1}", 12_000))),
    "unknown_nodes": page(lines(*many("node_{}: {relu: , from: nodd_{}x}", 15_000))),
    "unknown_nodes_of_joins": page(lines("a: relu", *many("node_{}: {concat: [nodd_{}x, noddy_{}x, noddi_{}x]}", 10_000))),
    "unknown_params": page(lines(*many("node_{}: {conv: param_{}, kernel_size: 1}", 12_000)), params="{" + ", ".join(many("parm_{}: 1", 12_000)) + "}"),
    "unknown_names_in_expressions": page(lines(*many("node_{}: {conv: param_{} + 1, kernel_size: 1}", 10_000)), params="{" + ", ".join(many("parm_{}: 1", 12_000)) + "}"),
    "unknown_keys": "".join(many("key_{}: 1\n", 30_000)) + page("[relu]"),
    "unknown_settings": page("[relu]", params="{" + ", ".join(many("parm_{}: 1", 6000)) + "}", variants="{net: {" + ", ".join(many("param_{}: 1", 12_000)) + "}}"),
    "duplicate_keys": page("[relu]") + "about: x\n" * 40_000,
    "duplicate_nodes": page(lines(*many("a: relu", 40_000))),
    "wrong_expressions": page(lines(*many("n{}: {conv: 'a +* {}', kernel_size: 1}", 10_000))),
    "wrong_values": page(lines(*many("n{}: {conv: [], kernel_size: {}}", 12_000))),
    "unused_nodes": page(lines(*many("n{}: {relu: , from: input}", 15_000))),
    "wrong_references": page("[relu]", references="[" + "{authors: 1, title: 2, year: x}, " * 12_000 + "]"),
    "wrong_figures": page("[relu]", figures="[" + "{params: 1, source: x}, " * 9_000 + "]"),
    "figures_under_settings": page("[{conv: w, kernel_size: 1}]", params="{w: 3}", figures="[" + ", ".join(many("{params: 1{}, source: x, with: {w: {}1}}", 9000)) + "]"),
    "variants": page("[{conv: w, kernel_size: 1, repeat: 300}]", params="{w: 3}", variants="{" + ", ".join(many("v{}: {w: {}1}", 9000)) + "}"),
    "variants_of_copies": page("[{conv: w, kernel_size: 1, repeat: 90000}]", params="{w: 3}", variants="{" + ", ".join(many("v{}: {w: {}1}", 300)) + "}"),
    "many_params": page("[relu]", params="{" + ", ".join("p0: 1" if n == 0 else f"p{n}: p{n - 1} + 1" for n in range(9000)) + "}"),
    "many_blocks": page("[relu]", blocks="{" + ", ".join(many("b{}: {graph: [{relu: , from: nothing_{}}]}", 9000)) + "}"),
    "params_seen_in_copies": page("[{nodes: [{relu: }], repeat: 40000}]", params="{" + ", ".join(many("p{}: 1", 9000)) + "}"),
    "inits": page("[relu]", init="{" + ", ".join(many("address_{}: zeros", 20_000)) + "}"),
    "init_of_copies": page("[{conv: 3 + i % 7, kernel_size: 1, repeat: 90000}]", init="{conv: kaiming_normal, batch_norm: dirac}"),
    "init_of_nodes": page(lines(*many("c{}: {conv: 3, kernel_size: 1}", 7000)), init="{" + ", ".join(many("c{}: zeros", 7000)) + "}"),
    "init_of_nested_blocks": page("{g: {graph: " * 28 + "[{conv: 3, kernel_size: 1, repeat: 60000}]" + "}}" * 28, init="{" + ", ".join(f"{'.'.join('g' * n)}: {{conv: zeros, linear: zeros}}" for n in range(1, 28)) + "}"),
    "items_by_number": page("[" + ", ".join(["relu", "{add: [previous, 1]}"] * 6000) + "]"),
    "carried_steps": page(lines("a: relu", "s: {step: , repeat: 90000, carry: [h], from: [a, a]}"), blocks="{step: {inputs: [h, x], graph: {y: {add: [h, x]}}, output: {h: y}}}"),
    "ties": page(lines("c: {conv: 3, kernel_size: 1}", *many("c{}: {conv: 3, kernel_size: 1, tie: {weight: c.weight}}", 4000))),
    "words_of_words": page("[relu]", params="{p0: relu, " + ", ".join(f"p{n}: p{n - 1}" for n in range(1, 9000)) + "}"),
    "outputs": page(lines(*many("n{}: {relu: , from: input}", 9000)), output="{" + ", ".join(many("o{}: n{}", 9000)) + "}"),
    "taps": page("[relu]", taps="{" + ", ".join(many("t{}: n{}", 30_000)) + "}"),
    "inputs": page("[relu]", "{" + ", ".join(many("x{}: [3, 4]", 20_000)) + "}"),
    "symbols": page("[relu]", "{" + ", ".join(many("x{}: [H{}, W{}]", 9000)) + "}"),
    "dense_joins": page(lines("a0: relu", *[f"a{n}: {{concat: [{', '.join(f'a{k}' for k in range(n))}]}}" for n in range(1, 300)]), "[1, 2]"),
    "wide_sums": page(lines("a0: relu", *[f"a{n}: {{add: [{', '.join(['a0'] * 400)}]}}" for n in range(1, 200)]), "[1, 2]"),
}  # fmt: skip
