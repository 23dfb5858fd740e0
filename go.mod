module github.com/runicorn-mcp/runicorn-mcp

go 1.26
