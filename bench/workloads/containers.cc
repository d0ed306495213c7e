/*
 * containers.cc - what C++ programs do: strings, maps, vectors
 *
 * Each round changes an ordered map, a hash table, a list of strings and a
 * vector of vectors; what the containers free they free with its size.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 */
#include "workload.h"

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace
{
const size_t n_keys = 20000;

/* As long as names are: some fit into the string itself. */
std::string
name_of(size_t key)
{
	return std::string("name-") + std::to_string(key * 7919) +
	    std::string(key % 40, 'x');
}

struct shape {
	virtual ~shape() = default;
	virtual size_t area() const = 0;
};

struct square : shape {
	explicit square(size_t side)
	    : side(side)
	{
	}
	size_t area() const override { return side * side; }
	size_t side;
};

struct box : shape {
	box(size_t width, size_t height)
	    : width(width)
	    , height(height)
	{
	}
	size_t area() const override { return width * height; }
	size_t width, height;
	char label[64] = {};
};

struct store {
	std::map<std::string, size_t> ordered;
	std::unordered_map<size_t, std::string> hashed;
	std::vector<std::vector<size_t>> lists;
	std::vector<std::unique_ptr<shape>> shapes;
};

size_t
change_maps(store &store, size_t key)
{
	auto found = store.ordered.find(name_of(key));
	size_t sum = key;

	if (found != store.ordered.end()) {
		sum += found->second + found->first.size();
		store.ordered.erase(found);
	} else {
		store.ordered.emplace(name_of(key), key);
	}
	std::string &text = store.hashed[key];
	sum += text.size();
	text += name_of(key + 1);
	if (text.size() > 200)
		store.hashed.erase(key);
	return sum;
}

size_t
change_vectors(store &store, size_t key)
{
	std::vector<size_t> &list = store.lists[key % store.lists.size()];
	std::unique_ptr<shape> &place =
	    store.shapes[key % store.shapes.size()];
	size_t sum = place ? place->area() : 0;

	list.push_back(key);
	if (list.size() > 300) {
		sum += list[150];
		list = std::vector<size_t>(3, key);
	}
	if (key % 2)
		place = std::make_unique<square>(key);
	else
		place = std::make_unique<box>(key, 2);
	return sum;
}
}

extern "C" {
extern const size_t workload_rounds = 300 * 1000;

void
workload_run(struct worker *worker)
{
	store store;

	store.lists.resize(1000);
	store.shapes.resize(5000);
	for (size_t i = 0; i < worker->n_rounds; i++) {
		size_t key = random_below(&worker->random, n_keys);

		worker->sum += change_maps(store, key);
		worker->sum += change_vectors(store, key);
	}
	for (const auto &entry : store.ordered)
		worker->sum += entry.second;
}
}
