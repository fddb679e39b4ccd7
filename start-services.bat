@echo off
rem Starts all three services with everything they need; the same as npm start. Arguments go to serverless offline start.
cd /d "%~dp0"
if not exist node_modules call npm ci
call npm start -- %*
