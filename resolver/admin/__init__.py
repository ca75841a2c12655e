"""The admin: what people see and change, over HTTP. Everything goes through `service`, which pages and API share."""
