// Nobody reads the services' logs here, and most of what they would say is planted. Imported before they open their logs.

process.env["LOG_LEVEL"] = "silent";
