module cityops.test/templates

go 1.21
