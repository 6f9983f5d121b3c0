@echo off
rem Serves the course and opens the browser. With --lan it serves the room, too.
cd /d "%~dp0"
where py >nul 2>nul && (py -3 serve.py %* & goto end)
where python >nul 2>nul && (python serve.py %* & goto end)
echo This needs Python 3. Without it, open course\index.html: the figures live there as well.
:end
pause
