/* The script of the page: the slices beside a mark scroll in the place of the axial picture, by a slider and by the
   wheel. Without it they lie in a list that opens. */
#include "page.h"

const char rs_page_script[] =
    "document.querySelectorAll('.beside').forEach(function(beside){"
    "var strip=beside.querySelector('.strip'),axial=beside.previousElementSibling.querySelector('figure'),"
    "all=Array.from(strip.children),at=+strip.dataset.below,box=document.createElement('div'),"
    "slider=document.createElement('input');"
    "if(!axial||!all.length)return;"
    "all.splice(at,0,axial);"
    "axial.replaceWith(box);box.className='scroll';"
    "all.forEach(function(f){box.append(f)});"
    "slider.type='range';slider.min=0;slider.max=all.length-1;slider.value=at;"
    "slider.setAttribute('aria-label','slice');box.append(slider);"
    "function show(){all.forEach(function(f,n){f.hidden=n!=slider.value})}"
    "slider.oninput=show;"
    "box.addEventListener('wheel',function(e){e.preventDefault();slider.value=+slider.value+(e.deltaY<0?1:-1);show()},"
    "{passive:false});"
    "beside.remove();show()});";
