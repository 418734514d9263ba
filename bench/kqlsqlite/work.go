package main

// A work is the same question in both languages. On SQLite's side the table has
// indexes on id, type and location, and the small one on its key.
type work struct{ name, kql, sql string }

var works = []work{
	{
		"summarize by one column, indexed",
		"resources | summarize count() by location",
		"select location, count(*) from resources group by location",
	},
	{
		"summarize by one column",
		"resources | summarize count(), sum(size) by sku",
		"select sku, count(*), sum(size) from resources group by sku",
	},
	{
		"summarize by two columns, indexed",
		"resources | summarize count(), sum(size) by type, location",
		"select type, location, count(*), sum(size) from resources group by type, location",
	},
	{
		"summarize by two columns",
		"resources | summarize count(), max(size) by resourceGroup, sku",
		"select resourceGroup, sku, count(*), max(size) from resources group by resourceGroup, sku",
	},
	{
		"join on a string key, counted",
		"resources | join kind=inner owners on id | summarize count(), sum(size), sum(owner)",
		"select count(*), sum(size), sum(owner) from resources r join owners o on o.id = r.id",
	},
	{
		"join on a string key, fetched",
		"resources | join kind=inner owners on id | project id, location, size, owner",
		"select r.id, location, size, owner from resources r join owners o on o.id = r.id",
	},
	{
		"sort by two keys",
		"resources | sort by location asc, size desc | project name, location, size",
		"select name, location, size from resources order by location, size desc",
	},
	{
		"sort by two keys without index",
		"resources | sort by resourceGroup asc, name asc | project name, location, size",
		"select name, location, size from resources order by resourceGroup, name",
	},
	{
		"distinct without index, few",
		"resources | distinct sku",
		"select distinct sku from resources",
	},
	{
		"distinct without index",
		"resources | distinct resourceGroup",
		"select distinct resourceGroup from resources",
	},
	{
		"distinct without index, many",
		"resources | distinct name",
		"select distinct name from resources",
	},
	{
		"top 100 without index",
		"resources | top 100 by size desc | project size",
		"select size from resources order by size desc limit 100",
	},
	{
		"top 100 by a text without index",
		"resources | top 100 by name asc | project name, location, size",
		"select name, location, size from resources order by name, rowid limit 100",
	},
}
