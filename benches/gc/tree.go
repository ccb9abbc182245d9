// SPDX-License-Identifier: MIT
// tree.mjs in Go: the same program, arguments, checksum and printed line.
package main

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"time"
)

const subtree = 4

type node struct {
	left, right *node
	value       int
}

var state int32 = 88172645

func random() int32 {
	state ^= state << 13
	state ^= int32(uint32(state) >> 17)
	state ^= state << 5
	return state
}

func build(levels, value int) *node {
	if levels == 0 {
		return &node{value: value}
	}
	return &node{build(levels-1, value+1), build(levels-1, value+2), value}
}

func check(n *node) int {
	if n.left == nil {
		return n.value
	}
	if n.right.value != n.left.value+1 {
		panic("a node is damaged")
	}
	return (n.value + check(n.left) + 3*check(n.right)) % 1000003
}

func parent(root *node, depth int) *node {
	n, path := root, random()
	for level := depth; level > subtree+1; level-- {
		if path&1 != 0 {
			n = n.right
		} else {
			n = n.left
		}
		path >>= 1
	}
	return n
}

func replace(root *node, depth int) {
	n := parent(root, depth)
	if random()&1 != 0 {
		n.right = build(subtree, n.value+2)
	} else {
		n.left = build(subtree, n.value+1)
	}
}

func exchange(root *node, depth int) {
	one, other := parent(root, depth), parent(root, depth)
	if one.value == other.value {
		one.left, other.left = other.left, one.left
	}
}

var buckets [512]int

func percentile(count int, fraction float64) float64 {
	rank := int(float64(count) * fraction)
	for i, n := range buckets {
		rank -= n
		if rank < 0 {
			return math.Pow(2, float64(i+1)/8) / 16
		}
	}
	return 0
}

func run(root *node, depth int, seconds float64, step func(*node, int)) string {
	begin := time.Now()
	end := time.Duration(seconds * 1e9)
	var last, longest time.Duration
	iterations, over1 := 0, 0
	for last < end {
		step(root, depth)
		iterations++
		now := time.Since(begin)
		gap := now - last
		last = now
		if gap > longest {
			longest = gap
		}
		if gap > time.Millisecond {
			over1++
		}
		bucket := math.Log2(float64(gap)/1e3*16) * 8
		buckets[int(math.Max(0, bucket))]++
	}
	return fmt.Sprintf("%.0f /s, gaps p50 %.1f p99 %.1f p99.9 %.1f us, "+
		"max %.3f ms, %d over 1 ms", float64(iterations)/last.Seconds(),
		percentile(iterations, 0.5), percentile(iterations, 0.99),
		percentile(iterations, 0.999), float64(longest)/1e6, over1)
}

func argument(i int, otherwise string) string {
	if len(os.Args) > i {
		return os.Args[i]
	}
	return otherwise
}

func main() {
	depth, _ := strconv.Atoi(argument(1, "18"))
	seconds, _ := strconv.ParseFloat(argument(2, "5"), 64)
	step := replace
	if argument(3, "replace") == "idle" {
		step = exchange
	}
	root := build(depth, 1)
	before := check(root)
	figures := run(root, depth, seconds, step)
	if check(root) != before {
		panic("the tree is damaged")
	}
	fmt.Printf("%s, checksum %d\n", figures, before)
}
